// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ticks.hpp"

namespace bms {

/// Keeps guessers out: five wrong PINs in a row lock the link for 60 s, five more for twice as
/// long, up to 1 h. What it holds lies in EEPROM as one byte and that byte's complement, so
/// that no reset helps a guesser; how long a lock had lasted is lost, and it begins anew.
class PinLock {
public:
    static constexpr uint16_t kept_at = 128;

    /// What EEPROM holds. A pair that does not fit was cut short while it was written: locked.
    void restore(Ticks now, uint8_t kept, uint8_t complement) {
        if (kept == blank && complement == blank) return;
        if (static_cast<uint8_t>(kept ^ complement) != 0xFF || (kept & failures_mask) >= most_failures ||
            (kept >> level_shift) > top_level)
            kept = locked_bit | 1 << level_shift;
        level_ = static_cast<uint8_t>(kept >> level_shift);
        failures_ = kept & failures_mask;
        locked_ = (kept & locked_bit) != 0 && level_ != 0;
        until_ = now + duration();
    }

    void step(Ticks now) {
        if (!locked_ || !reached(now, until_)) return;
        locked_ = false;
        changed_ = true;
    }

    bool locked() const { return locked_; }

    void wrong_pin(Ticks now) {
        changed_ = true;
        if (++failures_ < most_failures) return;
        failures_ = 0;
        if (level_ < top_level) ++level_;
        locked_ = true;
        until_ = now + duration();
    }

    /// The right PIN, or the button.
    void clear() {
        if (failures_ == 0 && level_ == 0) return;
        failures_ = level_ = 0;
        locked_ = false;
        changed_ = true;
    }

    /// The next byte to write, if there is one: the value, then its complement.
    bool next(uint16_t& address, uint8_t& byte) {
        if (changed_) {
            changed_ = false;
            writing_ = static_cast<uint8_t>(level_ << level_shift | (locked_ ? locked_bit : 0) | failures_);
            at_ = 0;
        }
        if (at_ == 2) return false;
        address = static_cast<uint16_t>(kept_at + at_);
        byte = at_ == 0 ? writing_ : static_cast<uint8_t>(~writing_);
        ++at_;
        return true;
    }

    Ticks due(Ticks otherwise) const { return locked_ ? earlier(until_, otherwise) : otherwise; }

private:
    static constexpr uint8_t most_failures = 5, top_level = 7, blank = 0xFF;
    static constexpr uint8_t level_shift = 4, locked_bit = 0x08, failures_mask = 0x07;
    static constexpr uint16_t first_s = 60, longest_s = 3600;

    Ticks duration() const {
        if (level_ == 0) return 0;
        const uint16_t s = static_cast<uint16_t>(first_s << (level_ - 1));
        return seconds(s > longest_s ? longest_s : s);
    }

    uint8_t failures_ = 0, level_ = 0;
    bool locked_ = false, changed_ = false;
    Ticks until_{};
    uint8_t writing_{}, at_ = 2;
};

}  // namespace bms
