// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/settings.hpp"

#include "firmware/core/crc16.hpp"

namespace bms {
namespace {

constexpr uint16_t lowest_voltage = Profile::lowest_v_min, highest_voltage = 5000 / 5;
constexpr uint16_t least_v_min_to_balance = 100 / 5, least_balance_to_v_max = 50 / 5;
constexpr uint16_t lowest_temperature = temperature_raw(-40), highest_temperature = temperature_raw(85);
constexpr uint8_t highest_chemistry = 4;
constexpr uint8_t layout_version = 1;

bool is_voltage(uint16_t value) {
    return value >= lowest_voltage && value <= highest_voltage;
}
bool is_temperature(uint16_t value) {
    return value >= lowest_temperature && value <= highest_temperature;
}
bool is_percentage(uint16_t value) {
    return value <= 100;
}
bool is_switch(uint16_t value) {
    return value <= 1;
}

bool is_pin(uint16_t value) {
    for (uint8_t digit = 0; digit < 4; ++digit, value = static_cast<uint16_t>(value >> 4))
        if ((value & 0xF) > 9) return false;
    return true;
}

bool room_above_v_min(const Settings& settings, uint16_t full) {
    return settings.v_min + least_v_min_to_balance <= full;
}
bool room_below_v_max(const Settings& settings, uint16_t full) {
    return full + least_balance_to_v_max <= settings.v_max;
}
bool voltages_in_order(const Settings& settings) {
    return settings.v_min + least_v_min_to_balance + least_balance_to_v_max <= settings.v_max;
}
bool temperatures_in_order(const Settings& settings) {
    return settings.t_min_charge < settings.t_max && settings.t_min_discharge < settings.t_max;
}
bool restarts_in_order(const Settings& settings) {
    return settings.discharge_restart < settings.charge_restart;
}

Refusal refusal(bool in_range, bool ordered) {
    return !in_range ? Refusal::range : ordered ? Refusal::none : Refusal::order;
}

/// Walks the fields in the order of the layout; the one list of them, for both directions.
template <typename Field>
void each_field(Settings& s, Field&& field) {
    uint16_t* const words[StoredSettings::words] = {
        &s.solar_peak, &s.inverter_peak, &s.capacity,     &s.v_min,           &s.v_max, &s.v_low,
        &s.v_nominal,  &s.v_full,        &s.t_min_charge, &s.t_min_discharge, &s.t_max, &s.pin};
    for (uint16_t* word : words) {
        uint8_t high = static_cast<uint8_t>(*word >> 8), low = static_cast<uint8_t>(*word & 0xFF);
        field(high);
        field(low);
        *word = static_cast<uint16_t>(static_cast<uint16_t>(high << 8) | low);
    }
    uint8_t* const bytes[StoredSettings::single_bytes] = {
        &s.charge_restart,    &s.discharge_restart, &s.sensor_type, &s.critical_mode,
        &s.charge_forced_off, &s.load_forced_off,   &s.chemistry,   &s.tail_current};
    for (uint8_t* byte : bytes)
        field(*byte);
}

}  // namespace

bool in_order(const Settings& settings, uint16_t full) {
    return room_above_v_min(settings, full) && room_below_v_max(settings, full);
}

bool has_setting(uint16_t address) {
    switch (address) {
        case app_address::t_min_discharge:
            return Profile::separate_t_min_discharge;
        case app_address::sensor_type:
        case app_address::critical_mode:
        case app_address::charge_forced_off:
        case app_address::load_forced_off:
        case app_address::chemistry:
        case app_address::tail_current:
        case app_address::v_low:
        case app_address::v_nominal:
        case app_address::v_full:
            return Profile::app_sets_modes;
        default:
            return setting_width(address) != 0;
    }
}

Refusal write(Settings& settings, uint16_t address, uint16_t value, uint16_t balance_voltage) {
    if (!has_setting(address)) return Refusal::address;
    Settings next = settings;
    const uint8_t byte = static_cast<uint8_t>(value & 0xFF);
    Refusal verdict = Refusal::none;
    switch (address) {
        case app_address::solar_peak:
            next.solar_peak = value;
            break;
        case app_address::inverter_peak:
            next.inverter_peak = value;
            break;
        case app_address::capacity:
            next.capacity = value;
            verdict = refusal(value != 0, true);
            break;
        case app_address::v_min:
            next.v_min = value;
            verdict =
                refusal(is_voltage(value), voltages_in_order(next) &&
                                               room_above_v_min(next, full_voltage(next, balance_voltage)));
            break;
        case app_address::v_max:
            next.v_max = value;
            verdict =
                refusal(is_voltage(value), voltages_in_order(next) &&
                                               room_below_v_max(next, full_voltage(next, balance_voltage)));
            break;
        case app_address::v_low:
            next.v_low = value;
            verdict = refusal(is_voltage(value), true);
            break;
        case app_address::v_nominal:
            next.v_nominal = value;
            verdict = refusal(is_voltage(value), true);
            break;
        case app_address::v_full:
            next.v_full = value;
            verdict = refusal(is_voltage(value), balance_voltage != 0 || in_order(next, value));
            break;
        case app_address::t_min_charge:
            next.t_min_charge = value;
            if (!Profile::separate_t_min_discharge) next.t_min_discharge = next.t_min_charge;
            verdict = refusal(is_temperature(value), temperatures_in_order(next));
            break;
        case app_address::t_min_discharge:
            next.t_min_discharge = value;
            verdict = refusal(is_temperature(value), temperatures_in_order(next));
            break;
        case app_address::t_max:
            next.t_max = value;
            verdict = refusal(is_temperature(value), temperatures_in_order(next));
            break;
        case app_address::charge_restart:
            next.charge_restart = byte;
            verdict = refusal(is_percentage(value), restarts_in_order(next));
            break;
        case app_address::discharge_restart:
            next.discharge_restart = byte;
            verdict = refusal(is_percentage(value), restarts_in_order(next));
            break;
        case app_address::pin:
            next.pin = value;
            verdict = refusal(is_pin(value), true);
            break;
        case app_address::sensor_type:
            next.sensor_type = byte;
            verdict = refusal(value <= LoopedSensorType::highest, true);
            break;
        case app_address::critical_mode:
            next.critical_mode = byte;
            verdict = refusal(is_switch(value), true);
            break;
        case app_address::charge_forced_off:
            next.charge_forced_off = byte;
            verdict = refusal(is_switch(value), true);
            break;
        case app_address::load_forced_off:
            next.load_forced_off = byte;
            verdict = refusal(is_switch(value), true);
            break;
        case app_address::chemistry:
            next.chemistry = byte;
            verdict = refusal(value <= highest_chemistry, true);
            break;
        case app_address::tail_current:
            next.tail_current = byte;
            break;
        default:
            return Refusal::address;
    }
    if (verdict == Refusal::none) settings = next;
    return verdict;
}

bool valid(const Settings& s) {
    return s.capacity != 0 && is_voltage(s.v_min) && is_voltage(s.v_max) && is_voltage(s.v_low) &&
           is_voltage(s.v_nominal) && is_voltage(s.v_full) && is_temperature(s.t_min_charge) &&
           is_temperature(s.t_min_discharge) && is_temperature(s.t_max) && is_pin(s.pin) &&
           is_percentage(s.charge_restart) && s.sensor_type <= LoopedSensorType::highest &&
           is_switch(s.critical_mode) && is_switch(s.charge_forced_off) && is_switch(s.load_forced_off) &&
           s.chemistry <= highest_chemistry && voltages_in_order(s) && temperatures_in_order(s) &&
           restarts_in_order(s);
}

StoredSettings store(const Settings& settings) {
    StoredSettings stored;
    uint8_t* at = stored.bytes;
    *at++ = layout_version;
    Settings copy = settings;
    each_field(copy, [&at](uint8_t& byte) { *at++ = byte; });
    const uint16_t crc = crc16(stored.bytes, StoredSettings::size - 2);
    at = stored.bytes + StoredSettings::size - 2;
    *at++ = static_cast<uint8_t>(crc >> 8);
    *at = static_cast<uint8_t>(crc & 0xFF);
    return stored;
}

bool load(const StoredSettings& stored, Settings& settings) {
    const uint8_t* at = stored.bytes + StoredSettings::size - 2;
    const uint16_t crc = static_cast<uint16_t>(static_cast<uint16_t>(at[0] << 8) | at[1]);
    if (crc != crc16(stored.bytes, StoredSettings::size - 2)) return false;
    at = stored.bytes;
    if (*at++ != layout_version) return false;
    Settings read;
    each_field(read, [&at](uint8_t& byte) { byte = *at++; });
    if (!valid(read)) return false;
    settings = read;
    return true;
}

}  // namespace bms
