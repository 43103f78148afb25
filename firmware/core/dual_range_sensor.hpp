// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_frame.hpp"
#include "firmware/core/profile.hpp"

namespace bms {

/// Sums of conversions of a generation 3 sensor's two outputs, 10 bits each.
struct DualRangeSamples {
    static constexpr uint8_t outputs = 2, of_each = 16;
    uint16_t fine = 0, coarse = 0;

    DualRangeSamples() = default;
    explicit DualRangeSamples(const uint16_t* outputs_in_turn)
        : fine(outputs_in_turn[0]), coarse(outputs_in_turn[1]) {}
};

/// The current in counts of the fine range, or ChainFrame::current_absent. A count is 50 mA
/// with the cable through the sensor once, 25 mA and 12.5 mA with two and four turns: only the
/// last board, which knows the setting, need care.
inline int16_t sensor_current(const DualRangeSamples& samples) {
    constexpr int16_t zero = 512, fine_reaches = 400, fine_per_coarse = 25;
    constexpr uint16_t absent_below = 50;  // 0.1 V at the pin, where a plugged sensor never is
    constexpr uint8_t n = DualRangeSamples::of_each;
    constexpr int16_t dead_band = Profile::current_dead_band * n;
    if (samples.coarse < absent_below * n) return ChainFrame::current_absent;

    const int16_t from_zero = static_cast<int16_t>(static_cast<int16_t>(samples.fine) - zero * n);
    if (from_zero >= -dead_band && from_zero <= dead_band) return 0;  // before rounding: it ends at 150 mA
    const int16_t fine = static_cast<int16_t>(static_cast<int16_t>((samples.fine + n / 2) / n) - zero);
    if (fine >= -fine_reaches && fine <= fine_reaches) return fine;
    return static_cast<int16_t>((static_cast<int32_t>(samples.coarse) - zero * n) * fine_per_coarse / n);
}

/// How often the cable passes through the sensor, from the app's sensor type.
class LoopedSensorType {
public:
    static constexpr uint8_t turns_4 = 0, turns_2 = 1, turns_1 = 2, highest = turns_1;

    constexpr explicit LoopedSensorType(uint8_t setting) : setting_(setting) {}

    /// A count is 50 mA divided by 2 to the power of this.
    constexpr uint8_t shift() const { return static_cast<uint8_t>(turns_1 - setting_); }

    /// One unit of pack voltage (5 mV) times one count during one message period: 250 µW with one
    /// turn, of 3600 J.
    constexpr uint32_t quanta_per_wh() const {
        return (3600000000u / 250u * (ticks_per_second / Profile::fast_message_period)) << shift();
    }

    /// Counts in EXT's 0.125 A: times 0.4, less with more turns, to the nearest.
    constexpr uint32_t in_eighths(uint32_t counts) const {
        return (counts * 2 + (uint32_t{5} << shift()) / 2) / (uint32_t{5} << shift());
    }

    /// Counts on the finest grid that any sensor type has: 12.5 mA, one count with four turns.
    constexpr uint32_t on_finest_grid(uint32_t counts) const { return counts << setting_; }

    constexpr bool operator!=(LoopedSensorType other) const { return setting_ != other.setting_; }

private:
    uint8_t setting_;
};

}  // namespace bms
