// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_frame.hpp"
#include "firmware/core/current_sensor.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/settings.hpp"

namespace bms {

/// What ChainFrame::config holds. In generation 3 the first board's switches 1 to 3, and the app
/// sets the rest; in generation 2 the hidden factory settings, and switch 5.
namespace gen3_config {
constexpr uint8_t count_mask = 0x07;
}
namespace gen2_config {
constexpr uint8_t count_mask = 0x0F, sensor_type_mask = 0x70, critical_bit = 0x80;
constexpr uint8_t sensor_type_shift = 4;
}  // namespace gen2_config

constexpr uint8_t count_code(const ChainFrame& frame) {
    return frame.config & (Profile::generation == 2 ? gen2_config::count_mask : gen3_config::count_mask);
}

inline bool critical_mode(const ChainFrame& frame, const Settings& settings) {
    return Profile::app_sets_modes ? settings.critical_mode != 0
                                   : (frame.config & gen2_config::critical_bit) != 0;
}

inline SensorType sensor_type(const ChainFrame& frame, const Settings& settings) {
    return SensorType{Profile::app_sets_modes
                          ? settings.sensor_type
                          : static_cast<uint8_t>((frame.config & gen2_config::sensor_type_mask) >>
                                                 gen2_config::sensor_type_shift)};
}

}  // namespace bms
