// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/watchdog.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "rig/lua/script.hpp"

namespace rig {

namespace {

int line_to_parent = -1;
std::uint64_t progress_seen = 0;
int idle_seconds = 0;

/// Nothing here allocates: the script may be inside malloc.
void look(int) {
    const std::uint64_t progress = Script::progress();
    if (progress != progress_seen) {
        progress_seen = progress;
        idle_seconds = 0;
        return;
    }
    if (++idle_seconds < Watchdog::processor_seconds) return;
    char message[512] = {Watchdog::stuck};
    Script::where(message + 1, sizeof message - 1);
    ::send(line_to_parent, message, std::strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT);
    _exit(1);
}

void set_timer(int seconds) {
    const itimerval every{{seconds, 0}, {seconds, 0}};
    ::setitimer(ITIMER_PROF, &every, nullptr);
}

}  // namespace

Watchdog::Watchdog(const Line& line) {
    line_to_parent = line.descriptor();
    progress_seen = 0;
    idle_seconds = 0;
    struct sigaction action {};
    action.sa_handler = look;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGPROF, &action, nullptr);
    set_timer(1);
}

Watchdog::~Watchdog() {
    set_timer(0);
}

std::string Watchdog::message(const std::string& where) {
    std::string text = fmt::format(
        "the script spent {} s of processor time inside one library call (string.rep, string.gsub, a "
        "pattern, a sort?)",
        processor_seconds);
    if (!where.empty()) text += "\n  script  " + where;
    return text + "\n  try     give that call less to do";
}

}  // namespace rig
