// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/profile.hpp"

namespace bms {

/// The eight option switches of generation 3 as the first board reads them, switch 1 in bit 7,
/// switch 8 in bit 0.
class Gen3Switches {
public:
    constexpr explicit Gen3Switches(uint8_t positions) : positions_(positions) {}

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

/// Those of generation 2.
class Gen2Switches {
public:
    constexpr explicit Gen2Switches(uint8_t positions) : positions_(positions) {}

    constexpr bool fast() const { return on(1); }        ///< DIP-01
    constexpr bool blind_spot() const { return on(3); }  ///< DIP-03
    constexpr bool auto_zero() const { return on(4); }   ///< DIP-04
    constexpr bool critical() const { return on(5); }    ///< DIP-05

    /// DIP-02: switches 2, 6 and 7, 3.4 to 3.7 V and 4.0 to 4.3 V, in 5 mV.
    constexpr uint16_t balance_voltage() const {
        return static_cast<uint16_t>((on(2) ? 4000 / 5 : 3400 / 5) + (positions_ >> 1 & 3) * (100 / 5));
    }

    // DIP-06: what the switches say as switch 8 goes off.
    constexpr uint8_t hidden_sensor_type() const { return static_cast<uint8_t>(positions_ >> 5); }
    constexpr uint8_t hidden_count_code() const { return static_cast<uint8_t>(positions_ >> 1 & 0x0F); }

    constexpr uint8_t positions() const { return positions_; }

private:
    constexpr bool on(uint8_t number) const { return (positions_ >> (8 - number) & 1) != 0; }

    uint8_t positions_;
};

/// Takes a change of the switches once it was read three times in a row, a second apart. What
/// stands there at power-up counts at once.
template <class Switches>
class Debounced {
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

    /// What was read so far is no part of a change.
    void begin_anew() { same_ = 0; }

private:
    static constexpr uint8_t equal_reads = 3;
    uint8_t settled_ = 0, candidate_ = 0, same_ = 0;
    bool any_ = false;
};

/// Those that this product has.
using Switches = ByGeneration<Gen2Switches, Gen3Switches>;
using SwitchDebounce = Debounced<Switches>;

}  // namespace bms
