// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/collect.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "rig/messages.hpp"
#include "rig/process_memory.hpp"
#include "rig/watchdog.hpp"

namespace rig {

namespace {

constexpr char declared = 'd', printed = 'p', failed = 'f', loaded = 'l';

[[noreturn]] void load_and_tell(const ScriptFile& file, const Script::Limits& limits, const Line& line) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        if (!limits.rights.all) bound_memory();
        const Watchdog watchdog(line);
        const Script script(file, limits);
        for (const TestDeclaration& test : script.tests()) {
            Message message(declared);
            (message << test).send(line);
        }
        Message(printed).add(std::string_view(script.printed())).send(line);
        Message(loaded).send(line);
    } catch (const std::exception& error) {
        Message(failed).add(std::string_view(error.what())).send(line);
    }
    _exit(0);
}

}  // namespace

CollectedScript collect(const ScriptFile& file, const Script::Limits& limits) {
    CollectedScript collected;
    collected.file = file;
    auto [ours, theirs] = new_line();
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "cannot start a process");
    if (child == 0) load_and_tell(file, limits, theirs);
    theirs.close();

    bool whole = false;
    while (auto message = receive(ours, true)) {
        switch (message->kind()) {
            case declared:
                collected.tests.push_back(declaration_of(*message));
                break;
            case printed:
                collected.printed = message->text();
                break;
            case failed:
                collected.error = message->text();
                break;
            case Watchdog::stuck:
                collected.error = Watchdog::message(message->rest());
                break;
            default:
                whole = true;
        }
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!whole && collected.error.empty()) {
        collected.error = WIFSIGNALED(status) ? fmt::format("loading it ended with signal {} ({})",
                                                            WTERMSIG(status), strsignal(WTERMSIG(status)))
                                              : "loading it ended its process";
    }
    if (!collected.error.empty()) collected.tests.clear();
    return collected;
}

}  // namespace rig
