// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "instruments/clock.hpp"

namespace rig {

/// A change of a line, stamped in bench time when it happened, not when
/// somebody looked.
struct Edge {
    Nanoseconds at{};
    bool active = false;  ///< closed, lit, pressed, switched on
};

/// A line the rig senses: a relay contact, an LED. `active` means what the
/// signal's name says (closed, lit), whatever the wire's polarity.
class DigitalInput {
public:
    virtual ~DigitalInput() = default;

    virtual bool active() = 0;

    /// All edges since the bench opened (on the virtual bench: since the test
    /// began), oldest first; of very many only the newest.
    virtual const std::vector<Edge>& edges() = 0;

    /// From here on edges() lacks none.
    virtual Nanoseconds edges_whole_from() const { return Nanoseconds{0}; }
};

/// A line the rig drives: a switch, a button, a plug, a chain link.
class DigitalOutput {
public:
    virtual ~DigitalOutput() = default;

    virtual void drive(bool active) = 0;
    virtual bool driven() const = 0;
};

}  // namespace rig
