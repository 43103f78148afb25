// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/child_process.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "rig/stop.hpp"

namespace rig {

namespace {

/// The one that is waited for.
volatile pid_t waited_for = 0;

void pass_on(int signal) {
    if (waited_for > 0) ::kill(waited_for, signal);
}

}  // namespace

void die_with_parent() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void leave_signals_to_the_runner() {
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    struct sigaction action {};
    action.sa_handler = [](int) {
        ask_to_stop();
        pass_on(SIGUSR1);
    };
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR1, &action, nullptr);
    action.sa_handler = [](int) { pass_on(SIGKILL); };
    ::sigaction(SIGUSR2, &action, nullptr);
}

void adopt_guards() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void wait_for_guards() {
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
}

int wait_for_child(pid_t child) {
    waited_for = child;
    if (asked_to_stop()) ::kill(child, SIGUSR1);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    waited_for = 0;
    return status;
}

}  // namespace rig
