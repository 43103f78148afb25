// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/rated_sensor.hpp"

namespace bms {

/// CUR-09: while switch 4 is on, what plugged sensors read is their zero; it stays when the switch
/// goes off, and through power loss from then on. A reading too far from zero is a current or no
/// sensor, and changes nothing.
class AutoZero {
public:
    static constexpr uint8_t sensors = Calibration::sensor_count;

    /// One reading of both sensors.
    void sampled(const RatedSensorSamples& first, const RatedSensorSamples& second, bool wanted,
                 CalibrationKeeper& keeper) {
        if (wanted) {
            follow(zeros_[0], first);
            follow(zeros_[1], second);
        } else {
            keep(keeper);
        }
    }

    /// The calibration with what has been found since the switch is on.
    SensorCalibration of(uint8_t sensor, const Calibration& calibration) const {
        SensorCalibration found = calibration.sensors[sensor];
        if (zeros_[sensor].any) found.zero[0] = zeros_[sensor].zero();
        return found;
    }

private:
    struct Zero {
        bool any = false;
        int16_t average = 0;  ///< of the deviation, 16 times as fine

        static constexpr uint8_t finer = 16;
        int16_t zero() const { return static_cast<int16_t>(average >> 4); }
    };

    static void follow(Zero& zero, const RatedSensorSamples& samples) {
        constexpr int16_t readings = 4;  // that the average looks back on
        const int16_t deviation = sensor_deviation(samples);
        if (!within(deviation, calibration_limit::sensor_zero)) return;
        const int16_t reading = static_cast<int16_t>(deviation * Zero::finer);
        zero.average =
            zero.any ? static_cast<int16_t>(zero.average + (reading - zero.average) / readings) : reading;
        zero.any = true;
    }

    void keep(CalibrationKeeper& keeper) {
        Calibration next = keeper.value();
        bool changed = false;
        for (uint8_t s = 0; s < sensors; ++s) {
            if (zeros_[s].any && next.sensors[s].zero[0] != zeros_[s].zero()) {
                next.sensors[s].zero[0] = zeros_[s].zero();
                changed = true;
            }
            zeros_[s] = Zero{};
        }
        if (changed) keeper.change(next);
    }

    Zero zeros_[sensors];
};

}  // namespace bms
