// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/calibration.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/profile.hpp"

namespace bms {

/// Sums of conversions of a generation 3 sensor's two outputs, 10 bits each.
struct DualRangeSamples {
    static constexpr uint8_t outputs = 2, of_each = 16;
    static constexpr int16_t ideal_zero = 512;  ///< counts at 0 A
    uint16_t fine = 0, coarse = 0;

    DualRangeSamples() = default;
    explicit DualRangeSamples(const uint16_t* outputs_in_turn)
        : fine(outputs_in_turn[0]), coarse(outputs_in_turn[1]) {}
};

/// An unplugged sensor's input rests below 0.1 V, where a plugged one never is.
inline bool sensor_present(const DualRangeSamples& samples) {
    constexpr uint16_t absent_below = 50;
    return samples.coarse >= absent_below * DualRangeSamples::of_each;
}

/// Where 0 A stands in sums of `readings` of one output: what a SensorCalibration calls its zero.
inline int16_t sensor_zero(uint32_t sum, uint8_t readings) {
    constexpr uint8_t unit = SensorCalibration::zero_per_count;
    const uint16_t n = static_cast<uint16_t>(readings * DualRangeSamples::of_each);
    return static_cast<int16_t>((sum * unit + n / 2) / n - DualRangeSamples::ideal_zero * unit);
}

/// The current in counts of the fine range, or ChainFrame::current_absent. A count is 50 mA
/// with the cable through the sensor once, 25 mA and 12.5 mA with two and four turns: only the
/// last board, which knows the setting, need care.
inline int16_t sensor_current(const DualRangeSamples& samples, const SensorCalibration& calibration) {
    constexpr uint8_t unit = SensorCalibration::zero_per_count;
    constexpr int16_t fine_reaches = 400, fine_per_coarse = 25;
    constexpr int16_t dead_band = Profile::current_dead_band * unit;
    const auto from_zero = [&calibration](uint16_t sum, uint8_t output) {
        const int32_t raw = static_cast<int32_t>(sum) * (unit / DualRangeSamples::of_each) -
                            DualRangeSamples::ideal_zero * unit - calibration.zero[output];
        return scaled(raw, calibration.gain[output]);
    };
    const auto to_nearest = [](int32_t units) { return static_cast<int16_t>((units + unit / 2) >> 4); };
    static_assert(unit == 1 << 4, "what to_nearest() divides by");

    if (!sensor_present(samples)) return ChainFrame::current_absent;
    const int32_t fine = from_zero(samples.fine, 0);
    if (fine >= -dead_band && fine <= dead_band) return 0;  // before rounding: it ends at 150 mA
    const int16_t counts = to_nearest(fine);
    if (counts >= -fine_reaches && counts <= fine_reaches) return counts;
    return to_nearest(from_zero(samples.coarse, 1) * fine_per_coarse);
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

    /// Counts in the app stream's 50 mA, to the nearest.
    constexpr uint32_t on_stream_grid(uint32_t counts) const {
        return (counts + ((uint32_t{1} << shift()) >> 1)) >> shift();
    }

    /// Counts on the finest grid that any sensor type has: 12.5 mA, one count with four turns.
    constexpr uint32_t on_finest_grid(uint32_t counts) const { return counts << setting_; }

    constexpr bool operator!=(LoopedSensorType other) const { return setting_ != other.setting_; }

private:
    uint8_t setting_;
};

}  // namespace bms
