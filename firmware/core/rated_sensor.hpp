// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/calibration.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/profile.hpp"

namespace bms {

/// The sum of conversions of a generation 2 sensor's output, 10 bits each.
struct RatedSensorSamples {
    static constexpr uint8_t outputs = 1, of_each = 16;
    uint16_t output = 0;

    RatedSensorSamples() = default;
    explicit RatedSensorSamples(const uint16_t* output_of_sensor) : output(*output_of_sensor) {}
};

/// An unplugged sensor's input rests below 0.1 V, where a plugged one never is.
inline bool sensor_present(const RatedSensorSamples& samples) {
    constexpr uint16_t absent_below = 50;
    return samples.output >= absent_below * RatedSensorSamples::of_each;
}

/// How far the output stands from where an ideal one is at 0 A, in 16ths of a count: what a
/// SensorCalibration calls its zero.
inline int16_t sensor_deviation(const RatedSensorSamples& samples) {
    constexpr int16_t ideal_zero = 512;
    static_assert(RatedSensorSamples::of_each == SensorCalibration::zero_per_count, "one unit for both");
    return static_cast<int16_t>(static_cast<int16_t>(samples.output) -
                                ideal_zero * RatedSensorSamples::of_each);
}

/// The current in counts, whatever the sensor's type, or ChainFrame::current_absent. In its blind
/// spot (CUR-02) a sensor cannot tell a current from nothing.
inline int16_t sensor_current(const RatedSensorSamples& samples, const SensorCalibration& calibration,
                              bool blind_spot) {
    constexpr int16_t unit = SensorCalibration::zero_per_count;
    constexpr int16_t blind = Profile::current_dead_band * unit;
    if (!sensor_present(samples)) return ChainFrame::current_absent;
    const int32_t current = scaled(sensor_deviation(samples) - calibration.zero[0], calibration.gain[0]);
    if (blind_spot && current >= -blind && current <= blind) return 0;  // before rounding
    return static_cast<int16_t>((current + unit / 2) >> 4);
}

/// A generation 2 sensor's rated current, from the hidden factory setting.
class RatedSensorType {
public:
    static constexpr uint8_t rated_100_a = 2, highest = 7;

    constexpr explicit RatedSensorType(uint8_t code) : code_(code) {}

    /// CUR-01: what a count is worth, in 0.125 A. 200 counts are the rated current of any type.
    constexpr uint8_t eighths_per_count() const {
        return code_ == 0   ? uint8_t{1}    // 25 A
               : code_ == 1 ? uint8_t{2}    // 50 A
               : code_ == 2 ? uint8_t{4}    // 100 A
               : code_ == 3 ? uint8_t{10}   // 250 A
               : code_ == 4 ? uint8_t{16}   // 400 A
               : code_ == 5 ? uint8_t{20}   // 500 A
               : code_ == 6 ? uint8_t{40}   // 1000 A
                            : uint8_t{80};  // 2000 A
    }

    /// One unit of pack voltage (5 mV) times one count during the shortest message period: 625 µW
    /// per 0.125 A, of 3600 J.
    constexpr uint32_t quanta_per_wh() const {
        return 3600000000u / 625u * (ticks_per_second / Profile::fast_message_period) / eighths_per_count();
    }

    constexpr uint32_t in_eighths(uint32_t counts) const { return counts * eighths_per_count(); }

    /// The app stream's grid is EXT's.
    constexpr uint32_t on_stream_grid(uint32_t counts) const { return in_eighths(counts); }

    /// 0.125 A is the finest grid of any of them.
    constexpr uint32_t on_finest_grid(uint32_t counts) const { return in_eighths(counts); }

    constexpr bool operator!=(RatedSensorType other) const { return code_ != other.code_; }

private:
    uint8_t code_;
};

}  // namespace bms
