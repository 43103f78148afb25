// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_frame.hpp"
#include "firmware/core/temperature.hpp"

namespace bms {

/// Sums of conversions of the board's own cell and temperature sensor, 10 bits each.
struct CellSamples {
    static constexpr uint8_t of_voltage = 16, of_temperature = 4;
    uint16_t voltage = 0;
    uint16_t temperature = 0;
};

/// What those samples mean. One count is 5 mV of cell, and 0.2 °C above -50 °C.
class CellReading {
public:
    CellReading() = default;
    explicit CellReading(const CellSamples& samples)
        : voltage_(static_cast<uint16_t>((samples.voltage + CellSamples::of_voltage / 2) /
                                         CellSamples::of_voltage)),
          millivolts_(static_cast<uint16_t>(
              (static_cast<uint32_t>(samples.voltage) * mv_per_count + CellSamples::of_voltage / 2) /
              CellSamples::of_voltage)),
          decidegrees_(
              static_cast<int16_t>(samples.temperature * decidegrees_per_count / CellSamples::of_temperature +
                                   decidegrees_at_0_counts)) {}

    uint16_t voltage() const { return voltage_; }  ///< 5 mV
    uint16_t millivolts() const { return millivolts_; }
    int16_t decidegrees() const { return decidegrees_; }
    bool plausible() const { return plausible_voltage(voltage_); }

private:
    static constexpr uint8_t mv_per_count = 5;
    static constexpr int16_t decidegrees_per_count = 2, decidegrees_at_0_counts = -500;

    uint16_t voltage_ = 0, millivolts_ = 0;
    int16_t decidegrees_ = 0;
};

/// What one board adds to a message.
struct Contribution {
    uint16_t voltage = 0;  ///< 5 mV; 0: no plausible reading
    uint8_t temperature = 0;
    bool balancing = false;

    Contribution() = default;
    Contribution(const CellReading& reading, bool conducting)
        : voltage(reading.plausible() ? reading.voltage() : uint16_t{0}),
          temperature(chain_temperature(temperature_raw_of_tenths(reading.decidegrees()))),
          balancing(conducting) {}
};

}  // namespace bms
