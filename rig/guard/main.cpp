// SPDX-License-Identifier: GPL-3.0-or-later
// rig-guard: started by the rig before anything on a real bench is switched on, and nobody else. Standard
// input is the line to the rig, descriptor 3 the pulse of its own process or /dev/null.
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "rig/guard/guard.hpp"

namespace {

constexpr int pulse = 3;
constexpr int something_left_on = 1, at_fault = 2;

bool is(int descriptor, mode_t kind) {
    struct stat what {};
    return ::fstat(descriptor, &what) == 0 && (what.st_mode & S_IFMT) == kind;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || !is(STDIN_FILENO, S_IFSOCK)) {
        std::fputs(
            "rig-guard: switches a bench off when the rig dies; the rig starts it by itself\n"
            "  try     rig run --fixture bench.toml\n",
            stderr);
        return at_fault;
    }
    // It ends when the rig does not need it any more, not when the terminal is closed or the user logs out.
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTOU, SIGUSR1, SIGUSR2})
        ::signal(signal, SIG_IGN);
    ::close_range(pulse + 1, ~0U, 0);
    try {
        rig::FileDescriptor pulse_of_rig(is(pulse, S_IFIFO) ? pulse : -1);
        rig::guard::Guard guard(rig::FileDescriptor(STDIN_FILENO), std::move(pulse_of_rig), argv[1], argv[2]);
        return guard.watch() ? 0 : something_left_on;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "rig-guard: %s\n", failure.what());
        return at_fault;
    }
}
