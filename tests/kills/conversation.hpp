// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace rig::kills {

/// How a rig is interrupted: killed, stopped past what its guard bears (alone, or with all its processes as a
/// terminal does), asked to end.
enum class Blow { kill, stop, stop_all, terminate, interrupt };

/// Before the instrument hears the write, when it has heard half of it, when it has heard all.
enum class Moment { before, during, after };

/// Where in the conversation; `write` 0: nowhere.
struct Strike {
    Blow blow = Blow::kill;
    Moment moment = Moment::before;
    int write = 0;
};

std::string described(const Strike& strike);

/// What came of it.
struct Outcome {
    std::string wrong;           ///< promises broken, a line each; empty: none
    int writes = 0;              ///< that the instruments heard of the rig, up to the blow
    int on_from = 0, on_to = 0;  ///< the first and the last of them while every output was on
    bool struck = false;         ///< the conversation was long enough
    double noticed_ms = -1.0;    ///< from the blow to the guard's first byte; below 0: nothing had to go off
    double off_ms = -1.0;        ///< from the blow to the last output switched off; below 0: nothing was on
};

/// Runs `program` on a desk of twins over pseudo-terminals, from opening it through take-up and a test to its
/// end, strikes, and looks whether all that was promised holds.
Outcome converse(const std::string& program, const std::string& source_folder, const Strike& strike);

}  // namespace rig::kills
