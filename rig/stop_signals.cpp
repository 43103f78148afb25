// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/stop_signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace rig {

StopSignals::StopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    ::sigprocmask(SIG_BLOCK, &signals, &before_);
    line_ = Line(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

StopSignals::~StopSignals() {
    // One that came after the last test stops nothing, and must not end the program instead.
    while (came()) {
    }
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool StopSignals::came() const {
    signalfd_siginfo info;
    return ::read(line_.descriptor(), &info, sizeof info) == static_cast<ssize_t>(sizeof info);
}

}  // namespace rig
