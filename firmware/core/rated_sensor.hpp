// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

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

/// How a generation 2 board reads a sensor.
struct RatedSensorReading {
    int16_t zero_offset = 0;  ///< of the output at 0 A from 512 counts, in 16ths of a count
    bool blind_spot = false;  ///< CUR-02: what the sensor cannot tell from nothing is nothing
};

/// How far the output stands from 512 counts, in 16ths of a count, or ChainFrame::current_absent.
inline int16_t sensor_deviation(const RatedSensorSamples& samples) {
    constexpr int16_t zero = 512;
    constexpr uint16_t absent_below = 50;  // 0.1 V at the pin, where a plugged sensor never is
    constexpr uint8_t n = RatedSensorSamples::of_each;
    if (samples.output < absent_below * n) return ChainFrame::current_absent;
    return static_cast<int16_t>(static_cast<int16_t>(samples.output) - zero * n);
}

/// The current in counts, whatever the sensor's type, or ChainFrame::current_absent.
inline int16_t sensor_current(const RatedSensorSamples& samples, const RatedSensorReading& how) {
    constexpr int16_t n = RatedSensorSamples::of_each;
    constexpr int16_t blind = Profile::current_dead_band * n;
    const int16_t deviation = sensor_deviation(samples);
    if (deviation == ChainFrame::current_absent) return deviation;
    const int16_t from_zero = static_cast<int16_t>(deviation - how.zero_offset);
    if (how.blind_spot && from_zero >= -blind && from_zero <= blind) return 0;  // before rounding
    return static_cast<int16_t>((from_zero + (from_zero < 0 ? -n : n) / 2) / n);
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

    /// 0.125 A is the finest grid of any of them.
    constexpr uint32_t on_finest_grid(uint32_t counts) const { return in_eighths(counts); }

    constexpr bool operator!=(RatedSensorType other) const { return code_ != other.code_; }

private:
    uint8_t code_;
};

}  // namespace bms
