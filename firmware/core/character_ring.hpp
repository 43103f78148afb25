// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// Characters between an interrupt and the main loop: one of them puts, the other takes.
template <uint8_t size>
class CharacterRing {
public:
    static_assert((size & (size - 1)) == 0, "indices wrap by masking");

    /// Stands where a receiver lost characters; part of no command.
    static constexpr char lost = '\x7F';

    uint8_t used() const { return static_cast<uint8_t>((in_ - out_) & (size - 1)); }
    uint8_t room() const { return static_cast<uint8_t>(size - 1 - used()); }

    void put(char c) {
        characters_[in_] = c;
        in_ = static_cast<uint8_t>((in_ + 1) & (size - 1));
    }

    /// What a receiver heard. A line with a hole in it could be another valid line, so what was
    /// damaged or found no room leaves a mark.
    void put_heard(char c, bool intact) {
        const uint8_t places = room();
        if (places != 0) put(intact && places > 1 ? c : lost);
    }

    char take() {
        const char c = characters_[out_];
        out_ = static_cast<uint8_t>((out_ + 1) & (size - 1));
        return c;
    }

private:
    volatile char characters_[size] = {};
    volatile uint8_t in_ = 0, out_ = 0;
};

}  // namespace bms
