// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ticks.hpp"

namespace bms {

/// What tells one product from another; each struct names only what differs from the one it builds
/// on. The build chooses one with BMS_PROFILE, and everything else asks `Profile`.
///
/// Generation 3, manual revision 13: the current product.
struct Gen3Hw2 {
    static constexpr uint8_t generation = 3;

    /// T, and T while the first board's switches ask for fast messages.
    static constexpr Ticks message_period = seconds(1), fast_message_period = message_period;

    static constexpr bool separate_t_min_discharge = true;  ///< without it that of charging is both
    static constexpr bool full_needs_low_power = true;      ///< SOC-03, SOC-05, RLY-03
    static constexpr bool can_warn_early = true;            ///< status byte 2 travels with EXT
    static constexpr bool starving_empties = true;          ///< SOC-06
    /// Sensor type, mode, forced relays, chemistry and the voltages of the EXT keys are the app's to set.
    static constexpr bool app_sets_modes = true;

    static constexpr uint16_t lowest_v_min = 1500 / 5;  ///< where a board stops working

    static constexpr uint16_t default_v_min = 2900 / 5, default_v_max = 3700 / 5;
    static constexpr int16_t default_t_min_charge_degc = 0, default_t_min_discharge_degc = -20;

    static constexpr uint8_t current_dead_band = 3;  ///< counts of the fine range: 150 mA

    // The last board.
    static constexpr bool ext_tells_clock = false;               ///< in place of key and value
    static constexpr bool info_flashes_while_relays_on = true;   ///< LED-04; LED-03: not
    static constexpr bool hold_reconfigures_radio = true;        ///< BTN-01
    static constexpr bool power_up_button_reconfigures = false;  ///< BTN-03
    static constexpr bool press_restarts_radio = false;          ///< BTN-04
};

/// Generation 3 as first sold, early manual edition.
struct Gen3Hw1 : Gen3Hw2 {
    static constexpr bool separate_t_min_discharge = false;
    static constexpr bool full_needs_low_power = false;
    static constexpr int16_t default_t_min_charge_degc = 10;
    static constexpr uint8_t current_dead_band = 6;  ///< 300 mA
};

/// Generation 2, OUT board version 2.x.
struct Gen2Out2 : Gen3Hw1 {
    static constexpr uint8_t generation = 2;
    static constexpr Ticks fast_message_period = message_period / 2;
    static constexpr bool can_warn_early = false;
    static constexpr bool starving_empties = false;
    static constexpr bool app_sets_modes = false;
    static constexpr uint16_t lowest_v_min = 2000 / 5;
    static constexpr uint16_t default_v_min = 2700 / 5, default_v_max = 3600 / 5;
    static constexpr uint8_t current_dead_band = 2;  ///< counts: the blind spot of each sensor type

    static constexpr bool ext_tells_clock = true;
    static constexpr bool info_flashes_while_relays_on = false;
    static constexpr bool hold_reconfigures_radio = false;
    static constexpr bool power_up_button_reconfigures = true;
};

/// Generation 2, OUT board version 1.x.
struct Gen2Out1 : Gen2Out2 {
    static constexpr bool press_restarts_radio = true;
};

#ifndef BMS_PROFILE
#define BMS_PROFILE Gen3Hw2
#endif
using Profile = BMS_PROFILE;

/// T as a message says it.
constexpr Ticks message_period(bool fast) {
    return fast ? Profile::fast_message_period : Profile::message_period;
}

/// How many of the shortest periods a message stands for: what counts time in messages counts these.
constexpr uint8_t message_weight(bool fast) {
    return static_cast<uint8_t>(message_period(fast) / Profile::fast_message_period);
}

/// One of two types, as a product has it.
template <bool first, class First, class Second>
struct Choice {
    using Type = First;
};
template <class First, class Second>
struct Choice<false, First, Second> {
    using Type = Second;
};
/// What generation 2 does in its own way.
template <class Gen2, class Gen3>
using ByGeneration = typename Choice<Profile::generation == 2, Gen2, Gen3>::Type;

constexpr uint8_t version_major = 0, version_minor = 1, version_patch = 0;

}  // namespace bms
