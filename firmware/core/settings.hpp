// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/app_addresses.hpp"
#include "firmware/core/dual_range_sensor.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/temperature.hpp"

namespace bms {

/// What the app can set. Voltages in 5 mV, temperatures raw.
struct Settings {
    uint16_t solar_peak = 0, inverter_peak = 0;  ///< 10 W
    uint16_t capacity = 40;                      ///< 100 Wh
    uint16_t v_min = Profile::default_v_min, v_max = Profile::default_v_max;
    uint16_t v_low = 3000 / 5, v_nominal = 3300 / 5;
    uint16_t v_full = 3400 / 5;  ///< stands in for the balance voltage when there is none
    uint16_t t_min_charge = temperature_raw(Profile::default_t_min_charge_degc);
    uint16_t t_min_discharge =
        temperature_raw(Profile::separate_t_min_discharge ? Profile::default_t_min_discharge_degc
                                                          : Profile::default_t_min_charge_degc);
    uint16_t t_max = temperature_raw(80);
    uint16_t pin = 0x1234;                               ///< BCD
    uint8_t charge_restart = 95, discharge_restart = 5;  ///< % of capacity
    uint8_t sensor_type = LoopedSensorType::turns_1;
    uint8_t critical_mode = 0, charge_forced_off = 0, load_forced_off = 0;
    uint8_t chemistry = 1;
    uint8_t tail_current = 0;  ///< 0.2 A
};

/// The voltage that "all cells at or above the balance voltage" means.
constexpr uint16_t full_voltage(const Settings& settings, uint16_t balance_voltage) {
    return balance_voltage != 0 ? balance_voltage : settings.v_full;
}

/// Whether a balance voltage leaves room between V-min and V-max.
bool in_order(const Settings& settings, uint16_t full_voltage);

/// Whether the app can write a setting of this product there. Of a word, the high byte's address.
bool has_setting(uint16_t address);

/// Sets one setting, or says why not and changes nothing. `balance_voltage` is the one that the
/// chain carries, 0 when none does.
Refusal write(Settings& settings, uint16_t address, uint16_t value, uint16_t balance_voltage);

/// Whether each setting is inside its limits and in order with the others.
bool valid(const Settings& settings);

/// As settings lie in EEPROM: a layout version, the fields, a CRC-16. The first bytes stay
/// unused: a brown-out during a write likes to hit them.
struct StoredSettings {
    using Value = Settings;
    static constexpr uint16_t first_at = 16, second_at = 80;
    static constexpr uint8_t words = 12, single_bytes = 8;
    static constexpr uint8_t size = 1 + 2 * words + single_bytes + 2;
    uint8_t bytes[size];
};

StoredSettings store(const Settings& settings);

/// False, and `settings` untouched, when the CRC is wrong, or right over a setting that is not.
bool load(const StoredSettings& stored, Settings& settings);

}  // namespace bms
