// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "instruments/clock.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/quantity.hpp"
#include "instruments/reply.hpp"

namespace rig {

/// What a channel can do beyond delivering. What it lacks, a fixture must not ask of it.
struct SupplyAbilities {
    bool sinks = false;         ///< also takes current, as a cell being charged does
    bool over_voltage = false;  ///< switches itself off above a voltage
    bool over_current = false;  ///< switches itself off above a current
    bool watchdog = false;      ///< switches itself off when nobody talks to it
};

/// One channel that stands for a cell. Calls return once the instrument has
/// acknowledged them or was read back, or throw InstrumentError.
class CellSupply {
public:
    virtual ~CellSupply() = default;

    virtual void set_voltage(Volts target) = 0;

    /// How much the channel may deliver, and take where it takes any.
    virtual void set_current_limit(Amperes limit) = 0;

    /// Asks now, answers later: ask every cell, then collect.
    virtual Reply<Volts> measure_voltage() = 0;

    /// Positive: the channel delivers.
    virtual Reply<Amperes> measure_current() = 0;

    virtual void output_on() = 0;

    /// Safe to repeat: the rig calls it whenever a test dies.
    virtual void output_off() = 0;

    virtual SupplyAbilities abilities() const { return {}; }

    /// From here on, and at each switching on, the channel's own protection is armed and read
    /// back. One that has no level of its own trips at the setpoint; setpoints above `level` are
    /// refused then.
    virtual void protect_above(Volts) { throw InstrumentError("supply", "has no over-voltage protection"); }
    virtual void protect_above(Amperes) { throw InstrumentError("supply", "has no over-current protection"); }

    /// What limits the channel or has switched it off: "over-voltage"; empty: nothing.
    virtual std::vector<std::string> alarms() { return {}; }

    /// Lets a channel go on again whose protection switched it off; it stays off until then.
    virtual void clear_alarms() {}

    /// Empties the instrument's own list of errors; empty as well where it keeps none.
    virtual std::vector<std::string> errors() { return {}; }

    /// The instrument switches its outputs off after `silence`; its driver talks to it often
    /// enough from the bench's own clock.
    virtual void arm_watchdog(Nanoseconds) { throw InstrumentError("supply", "has no watchdog"); }
};

}  // namespace rig
