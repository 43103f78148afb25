// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/stop.hpp"

#include <csignal>

namespace rig {

namespace {
volatile std::sig_atomic_t stop_wanted = 0;
}

void ask_to_stop() {
    stop_wanted = 1;
}

bool asked_to_stop() {
    return stop_wanted != 0;
}

}  // namespace rig
