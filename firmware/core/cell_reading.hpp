// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/calibration.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/temperature.hpp"

namespace bms {

/// Sums of conversions of the board's own cell and temperature sensor, 10 bits each.
struct CellSamples {
    static constexpr uint8_t of_voltage = 16, of_temperature = 4;
    uint16_t voltage{}, temperature{};
};

/// What those samples mean on a board with this calibration. One count is 5 mV of cell, and
/// 0.2 °C above -50 °C.
class CellReading {
public:
    CellReading() = default;
    CellReading(const CellSamples& samples, const Calibration& calibration)
        : CellReading(corrected(samples.voltage, calibration), samples, calibration) {}

    uint16_t voltage() const { return voltage_; }  ///< 5 mV
    uint16_t millivolts() const { return millivolts_; }
    int16_t decidegrees() const { return decidegrees_; }
    bool plausible() const { return plausible_; }

private:
    static constexpr uint8_t n = CellSamples::of_voltage, mv_per_count = 5;
    static constexpr uint16_t highest_count = 1023;
    static constexpr int16_t decidegrees_per_count = 2, decidegrees_at_0_counts = -500;

    /// The converter's end stays its end, whatever the calibration makes of it: beyond it nobody
    /// knows the voltage.
    CellReading(uint16_t sum, const CellSamples& samples, const Calibration& calibration)
        : voltage_(static_cast<uint16_t>((sum + n / 2) / n)),
          millivolts_(static_cast<uint16_t>((static_cast<uint32_t>(sum) * mv_per_count + n / 2) / n)),
          decidegrees_(
              static_cast<int16_t>(samples.temperature * decidegrees_per_count / CellSamples::of_temperature +
                                   decidegrees_at_0_counts + calibration.temperature_offset)),
          plausible_(samples.voltage < highest_count * n - n / 2 && plausible_voltage(voltage_)) {}

    static uint16_t corrected(uint16_t sum, const Calibration& calibration) {
        const int32_t right = scaled(sum, calibration.voltage_gain) +
                              calibration.voltage_offset * (n / Calibration::offset_per_count);
        return right < 0                   ? uint16_t{0}
               : right > highest_count * n ? uint16_t{highest_count * n}
                                           : static_cast<uint16_t>(right);
    }

    uint16_t voltage_{}, millivolts_{};
    int16_t decidegrees_{};
    bool plausible_{};
};

/// What one board adds to a message.
struct Contribution {
    uint16_t voltage{};  ///< 5 mV; 0: no plausible reading
    uint8_t temperature{};
    bool balancing{}, calibration_lost{};

    Contribution() = default;
    Contribution(const CellReading& reading, bool conducting, bool lost)
        : voltage(reading.plausible() ? reading.voltage() : uint16_t{0}),
          temperature(chain_temperature(temperature_raw_of_tenths(reading.decidegrees()))),
          balancing(conducting),
          calibration_lost(lost) {}
};

}  // namespace bms
