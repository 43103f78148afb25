// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/rated_sensor.hpp"

namespace bms {

/// DIP-06: generation 2's factory settings, which the first board keeps.
struct HiddenSettings {
    uint8_t sensor_type = RatedSensorType::rated_100_a;
    uint8_t count_code = 0;  ///< up to 4 cells
};

}  // namespace bms
