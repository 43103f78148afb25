// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/digital_line.hpp"
#include "instruments/off_sequence.hpp"
#include "instruments/quantity.hpp"

namespace rig {

/// A board of relays, digital lines and analogue inputs, each from 0. It is asked for its inputs one after
/// the other while the clock runs: an input's level is that of its last turn, and so is the stamp of an edge.
/// What came and went between two turns was never there. Calls throw InstrumentError; an input does once it
/// was not answered.
class IoBoard : public Guarded {
public:
    /// Off at first. Reads back.
    virtual DigitalOutput& relay(int number) = 0;

    /// Has its turn from now on.
    virtual DigitalInput& watch_line(int number, bool active_low) = 0;
    virtual DigitalInput& watch_analogue(int number, Volts above, bool active_low) = 0;
};

}  // namespace rig
