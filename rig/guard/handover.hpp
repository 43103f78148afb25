// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "instruments/links/file_descriptor.hpp"
#include "instruments/off_sequence.hpp"

namespace rig::guard {

/// What the rig tells its guard, and the guard says once: that it is ready. On a socket that keeps
/// messages whole; a descriptor travels along.
struct Handover {
    enum class Kind : char {
        ready = 'r',       ///< the guard's: from now on it is watching
        alive = 'a',       ///< the bench's own thread gets round; from the first one on something may be on
        link = 'l',        ///< how `name` is reached from now on: `descriptor`
        instrument = 'i',  ///< how `name` is switched off
        lock = 'k',        ///< a descriptor that keeps other rigs off, to be held as long as the guard works
        all_off = 'o',     ///< confirmed; until the next `alive` nothing is left to do
    };

    Kind kind = Kind::alive;
    std::string name;
    std::string where;  ///< its link, for people: "serial:/dev/ttyUSB0"
    int turn = 0;       ///< lower ones go off first; equal ones together
    OffSequence sequence;
    FileDescriptor descriptor;  ///< as received: the guard's own
};

/// False when nobody hears any more.
bool send(int line, const Handover& message, int descriptor = -1);

/// False when nobody hears any more, or has not for long; never waits.
bool send_alive(int line);

/// The next message. Nullopt: none is there yet, or `over`: nor will be.
std::optional<Handover> receive(int line, bool& over);

}  // namespace rig::guard
