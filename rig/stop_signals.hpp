// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>

#include "rig/messages.hpp"

namespace rig {

/// While it lives, SIGINT, SIGTERM and SIGHUP (the terminal is closed) arrive as something to poll for.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    int descriptor() const { return line_.descriptor(); }

    /// One came since last asked.
    bool came() const;

private:
    sigset_t before_;
    Line line_;
};

}  // namespace rig
