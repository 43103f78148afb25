// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/instrument_identity.hpp"
#include "instruments/off_sequence.hpp"
#include "instruments/quantity.hpp"
#include "instruments/reply.hpp"

namespace rig {

/// A source that imposes a current or a voltage of either sign and measures
/// both: it stands for what flows through a current sensor, or lifts a
/// temperature sensor. Calls read back, or throw InstrumentError.
class SourceMeter : public Guarded {
public:
    /// No answer: it is of a kind that cannot be asked.
    virtual InstrumentIdentity identity() const { return {}; }

    /// Imposes a current; `compliance` bounds the voltage it may need for it.
    virtual void source_current(Amperes target, Volts compliance) = 0;

    /// Imposes a voltage; `compliance` bounds the current it may need for it.
    virtual void source_voltage(Volts target, Amperes compliance) = 0;

    virtual Reply<Volts> measure_voltage() = 0;
    virtual Reply<Amperes> measure_current() = 0;

    virtual void output_on() = 0;

    /// Safe to repeat.
    virtual void output_off() = 0;
};

}  // namespace rig
