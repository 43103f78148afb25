// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/dual_range_sensor.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/rated_sensor.hpp"

namespace bms {

/// The sensors that this product has.
using SensorSamples = ByGeneration<RatedSensorSamples, DualRangeSamples>;
using SensorType = ByGeneration<RatedSensorType, LoopedSensorType>;

// How a current is told: its sign, and its size on some grid.

constexpr uint32_t size_of(int32_t counts) {
    return static_cast<uint32_t>(counts < 0 ? -counts : counts);
}

/// What is told as nothing flows neither way.
constexpr char sign_of(int32_t counts, uint32_t told) {
    return counts < 0 && told != 0 ? '-' : '+';
}

/// As many as a word holds: never wraps.
constexpr uint16_t in_a_word(uint32_t told) {
    return told > 0xFFFF ? uint16_t{0xFFFF} : static_cast<uint16_t>(told);
}

}  // namespace bms
