// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/button_hold.hpp"
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/dual_range_sensor.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// The first board's button: what the sensors read while it is held becomes their zero. The board
/// says with a fast flash that it took it. Where current flows it takes nothing.
class ZeroCalibration {
public:
    /// One reading of both sensors.
    void sampled(const DualRangeSamples& first, const DualRangeSamples& second) {
        if (!hold_.pressed()) return;
        ++readings_;
        add(0, first);
        add(1, second);
    }

    void step(Ticks now, bool pressed, CalibrationKeeper& keeper) {
        if (flashing_ && reached(now, flash_ends_)) flashing_ = false;
        if (!hold_.pressed()) begin();
        if (!hold_.step(now, pressed) || !take(keeper)) return;
        flashing_ = true;
        flash_ends_ = now + flash_for;
    }

    bool flashing() const { return flashing_; }
    bool lit(Ticks now) const { return halves_left(now) % 2 == 1; }

    /// When step() or lit() has something new to say.
    Ticks due(Ticks now, Ticks otherwise) const {
        otherwise = hold_.due(otherwise);
        return flashing_ ? earlier(otherwise, flash_ends_ - halves_left(now) * half_flash) : otherwise;
    }

private:
    static constexpr Ticks half_flash = about_ms(100);
    static constexpr Ticks flash_for = seconds(3);

    struct Sums {
        uint32_t fine = 0, coarse = 0;
    };

    /// Whole ones behind the present one: odd at first, 0 at last.
    Ticks halves_left(Ticks now) const { return (flash_ends_ - now - 1) / half_flash; }

    void begin() {
        readings_ = 0;
        for (uint8_t s = 0; s < Calibration::sensor_count; ++s) {
            sums_[s] = Sums{};
            present_[s] = true;
        }
    }

    void add(uint8_t sensor, const DualRangeSamples& samples) {
        if (!sensor_present(samples)) present_[sensor] = false;
        sums_[sensor].fine += samples.fine;
        sums_[sensor].coarse += samples.coarse;
    }

    bool take(CalibrationKeeper& keeper) const {
        if (readings_ == 0) return false;
        Calibration next = keeper.value();
        bool any = false;
        for (uint8_t s = 0; s < Calibration::sensor_count; ++s) {
            if (!present_[s]) continue;
            any = true;
            next.sensors[s].zero[0] = sensor_zero(sums_[s].fine, readings_);
            next.sensors[s].zero[1] = sensor_zero(sums_[s].coarse, readings_);
        }
        return any && keeper.change(next);
    }

    ButtonHold hold_;
    Sums sums_[Calibration::sensor_count];
    bool present_[Calibration::sensor_count] = {};
    uint8_t readings_ = 0;
    bool flashing_ = false;
    Ticks flash_ends_ = 0;
};

}  // namespace bms
