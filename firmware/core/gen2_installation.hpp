// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/announcement.hpp"
#include "firmware/core/configuration.hpp"
#include "firmware/core/hidden_settings.hpp"
#include "firmware/core/rated_sensor.hpp"
#include "firmware/core/switches.hpp"

namespace bms {

/// What the installer tells generation 2's first board with its switches.
class Gen2Installation {
public:
    /// To be asked before each message: true once a second.
    bool wants_switches() {
        since_read_ = static_cast<uint8_t>(since_read_ + message_weight(switches_.fast()));
        if (since_read_ < message_weight(false)) return false;
        since_read_ = 0;
        return true;
    }

    void read(uint8_t positions) { switches_ = debounce_.update(positions); }

    Announcement announcement() const {
        Announcement told;
        told.config =
            static_cast<uint8_t>(hidden_.count_code | hidden_.sensor_type << gen2_config::sensor_type_shift |
                                 (switches_.critical() ? gen2_config::critical_bit : 0));
        told.balance_voltage = switches_.balance_voltage();
        told.most_cells = gen2_count_range(hidden_.count_code).most;
        told.fast = switches_.fast();
        return told;
    }

    int16_t current(const RatedSensorSamples& samples, const SensorCalibration& calibration) const {
        return sensor_current(samples, calibration, switches_.blind_spot());
    }

private:
    HiddenSettings hidden_;
    Gen2Switches switches_{0};
    Debounced<Gen2Switches> debounce_;
    uint8_t since_read_ = 0;
};

}  // namespace bms
