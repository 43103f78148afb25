// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/temperature.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// What tells generation 3, manual revision 13, from the other products. Another product is
/// another struct of these names, chosen at the end of this file.
struct Gen3Hw2 {
    static constexpr Ticks message_period = seconds(1);

    static constexpr bool separate_t_min_discharge = true;
    static constexpr bool full_needs_low_power = true;  ///< SOC-03, SOC-05, RLY-03

    static constexpr uint16_t lowest_v_min = 1500 / 5;  ///< where a board stops working

    static constexpr uint16_t default_v_min = 2900 / 5, default_v_max = 3700 / 5;
    static constexpr int16_t default_t_min_charge_degc = 0, default_t_min_discharge_degc = -20;

    static constexpr uint8_t current_dead_band = 3;  ///< counts of the fine range: 150 mA
};

using Profile = Gen3Hw2;

constexpr uint8_t version_major = 0, version_minor = 1, version_patch = 0;

}  // namespace bms
