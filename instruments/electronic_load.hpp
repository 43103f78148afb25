// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/quantity.hpp"
#include "instruments/reply.hpp"

namespace rig {

/// What takes a current from a cell or a pack. Calls read back, or throw InstrumentError.
class ElectronicLoad {
public:
    virtual ~ElectronicLoad() = default;

    virtual void set_current(Amperes taken) = 0;

    virtual Reply<Volts> measure_voltage() = 0;

    /// Positive: the load takes.
    virtual Reply<Amperes> measure_current() = 0;

    virtual void input_on() = 0;

    /// Safe to repeat.
    virtual void input_off() = 0;
};

}  // namespace rig
