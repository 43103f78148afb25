// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/quantity.hpp"

namespace rig {

/// What a simulated instrument is clamped to: two terminals of the plant.
/// The instrument says what it imposes; the plant answers with what then flows
/// and stands there, now.
class Terminals {
public:
    /// An output stage: a voltage source that limits its current both ways,
    /// or a current source that limits its voltage both ways.
    struct Drive {
        enum class Mode { off, voltage, current };
        Mode mode = Mode::off;
        Volts volts{};      ///< the setpoint (voltage) or the bound of |U| (current)
        Amperes amperes{};  ///< the setpoint (current) or the bound of |I| (voltage)
    };

    virtual ~Terminals() = default;

    virtual void drive(const Drive& drive) = 0;

    /// Across the instrument's own terminals, and out of its plus terminal.
    virtual Volts voltage() const = 0;
    virtual Amperes current() const = 0;
};

}  // namespace rig
