// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// What a reset finds of something that lies twice in EEPROM. `Stored` is its layout there:
/// `Value`, `size`, `bytes`, `first_at`, `second_at`, and the functions store() and load(), which
/// minds a CRC and the limits of what is inside.
template <class Stored>
class SavedCopies {
public:
    enum class State : uint8_t {
        good,   ///< from the first copy, else from the second
        blank,  ///< as a new controller's, nothing was ever written whole: the defaults
        lost,   ///< both damaged: the defaults
    };

    SavedCopies(const Stored& first, const Stored& second) {
        const bool first_good = load(first, value);
        typename Stored::Value other;
        const bool second_good = load(second, other);
        if (!first_good && second_good) value = other;
        // The second copy is not begun before the first is whole: while it is blank, nothing ever
        // was in force.
        state = first_good || second_good ? State::good : blank(second) ? State::blank : State::lost;
        copies_differ = state == State::good && !(first_good && second_good && equal(first, second));
    }

    /// `read(address, bytes, count)` fetches from EEPROM.
    template <class Read>
    static SavedCopies find(Read read) {
        Stored first, second;
        read(Stored::first_at, first.bytes, Stored::size);
        read(Stored::second_at, second.bytes, Stored::size);
        return {first, second};
    }

    typename Stored::Value value;
    State state;
    bool copies_differ;  ///< a power cut fell between the two: write both again

private:
    static bool blank(const Stored& copy) {
        for (const uint8_t byte : copy.bytes)
            if (byte != 0xFF) return false;
        return true;
    }
    static bool equal(const Stored& a, const Stored& b) {
        for (uint8_t i = 0; i < Stored::size; ++i)
            if (a.bytes[i] != b.bytes[i]) return false;
        return true;
    }
};

/// Writes both copies a byte at a time, the first whole before the second is touched: at any
/// moment one of them is good. What is changed meanwhile is written in a second pass.
template <class Stored>
class CopySaver {
public:
    void changed() { again_ = true; }

    bool busy() const { return at_ < both || again_; }

    /// The next byte to write, if there is one.
    bool next(const typename Stored::Value& value, uint16_t& address, uint8_t& byte) {
        if (at_ == both) {
            if (!again_) return false;
            again_ = false;
            stored_ = store(value);
            at_ = 0;
        }
        const bool second = at_ >= Stored::size;
        const uint8_t offset = second ? static_cast<uint8_t>(at_ - Stored::size) : at_;
        address = static_cast<uint16_t>((second ? Stored::second_at : Stored::first_at) + offset);
        byte = stored_.bytes[offset];
        ++at_;
        return true;
    }

private:
    static constexpr uint8_t both = 2 * Stored::size;
    Stored stored_{};
    uint8_t at_ = both;
    bool again_ = false;
};

}  // namespace bms
