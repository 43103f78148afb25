// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/quantity.hpp"
#include "instruments/reply.hpp"

namespace rig {

/// One channel that stands for a cell. Calls return once the instrument has
/// acknowledged them or was read back, or throw InstrumentError.
class CellSupply {
public:
    virtual ~CellSupply() = default;

    virtual void set_voltage(Volts target) = 0;

    /// How much the channel may deliver.
    virtual void set_current_limit(Amperes limit) = 0;

    /// Asks now, answers later: ask every cell, then collect.
    virtual Reply<Volts> measure_voltage() = 0;

    /// Positive: the channel delivers.
    virtual Reply<Amperes> measure_current() = 0;

    virtual void output_on() = 0;

    /// Safe to repeat: the rig calls it whenever a test dies.
    virtual void output_off() = 0;
};

}  // namespace rig
