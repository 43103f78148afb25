// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/instrument_identity.hpp"
#include "instruments/quantity.hpp"
#include "instruments/reply.hpp"

namespace rig {

/// What other instruments' readbacks are held against: DC volts in a fixed range.
class Voltmeter {
public:
    virtual ~Voltmeter() = default;

    /// No answer: it is of a kind that cannot be asked.
    virtual InstrumentIdentity identity() const { return {}; }

    /// Fixes the range that `most` fits, and integrates over so many power line cycles; both read back.
    virtual void measure_up_to(Volts most, double line_cycles) = 0;

    /// Asks now, answers later.
    virtual Reply<Volts> read() = 0;
};

}  // namespace rig
