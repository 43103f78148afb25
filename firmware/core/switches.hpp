// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

struct CountRange {
    uint8_t least, most;
    constexpr bool holds(uint8_t count) const { return count >= least && count <= most; }
};

/// DIP-08: switches 1 to 3.
constexpr CountRange count_range(uint8_t code) {
    return code == 0   ? CountRange{2, 4}
           : code == 1 ? CountRange{5, 8}
           : code == 2 ? CountRange{9, 16}
           : code == 3 ? CountRange{17, 25}
           : code == 4 ? CountRange{26, 40}
           : code == 5 ? CountRange{41, 80}
           : code == 6 ? CountRange{81, 150}
                       : CountRange{151, 255};
}

/// The eight option switches as the first board reads them, switch 1 in bit 7, switch 8 in bit 0.
class Switches {
public:
    constexpr explicit Switches(uint8_t positions) : positions_(positions) {}

    constexpr uint8_t count_range_code() const { return static_cast<uint8_t>(positions_ >> 5); }

    /// DIP-09: switches 4 to 8, n = 1..31 for 1.8 V + n * 0.1 V, in 5 mV; 0: no balancing.
    constexpr uint16_t balance_voltage() const {
        return (positions_ & 0x1F) == 0 ? uint16_t{0}
                                        : static_cast<uint16_t>(1800 / 5 + (positions_ & 0x1F) * (100 / 5));
    }

    constexpr uint8_t positions() const { return positions_; }

private:
    uint8_t positions_;
};

/// Takes a change of the switches once it was read three times in a row, a second apart. What
/// stands there at power-up counts at once.
class SwitchDebounce {
public:
    Switches update(uint8_t positions) {
        if (!any_) {
            any_ = true;
            settled_ = positions;
        }
        same_ = positions == candidate_ ? static_cast<uint8_t>(same_ + (same_ < equal_reads)) : uint8_t{1};
        candidate_ = positions;
        if (same_ == equal_reads) settled_ = positions;
        return Switches{settled_};
    }

private:
    static constexpr uint8_t equal_reads = 3;
    uint8_t settled_ = 0, candidate_ = 0, same_ = 0;
    bool any_ = false;
};

}  // namespace bms
