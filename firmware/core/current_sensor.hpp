// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/dual_range_sensor.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/rated_sensor.hpp"

namespace bms {

/// The sensors that this product has.
using SensorSamples = ByGeneration<RatedSensorSamples, DualRangeSamples>;
using SensorType = ByGeneration<RatedSensorType, LoopedSensorType>;

}  // namespace bms
