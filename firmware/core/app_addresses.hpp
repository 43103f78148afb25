// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// Where the app link's `<XX>-<addr>!` writes go. A word's address is that of its high byte;
/// the low byte follows at the next one, and the word takes effect with it.
namespace app_address {

// In public use.
constexpr uint16_t solar_peak = 0x010;         ///< word, 10 W
constexpr uint16_t chemistry = 0x015;          ///< 0 other, 1 LiFePO4, 2 LTO, 3 NMC, 4 NCA
constexpr uint16_t sensor_type = 0x016;        ///< 0 = 125 A/5 A, 1 = 250 A/10 A, 2 = 500 A/20 A
constexpr uint16_t critical_mode = 0x017;      ///< 0 or 1
constexpr uint16_t charge_forced_off = 0x019;  ///< 0 or 1
constexpr uint16_t load_forced_off = 0x01A;    ///< 0 or 1
constexpr uint16_t inverter_peak = 0x020;      ///< word, 10 W
constexpr uint16_t capacity = 0x030;           ///< word, 100 Wh
constexpr uint16_t v_min = 0x040;              ///< word, 5 mV
constexpr uint16_t v_low = 0x044;              ///< word, 5 mV
constexpr uint16_t v_nominal = 0x046;          ///< word, 5 mV
constexpr uint16_t v_max = 0x050;              ///< word, 5 mV
constexpr uint16_t t_min_charge = 0x060;       ///< word, raw temperature
constexpr uint16_t t_min_discharge = 0x062;    ///< word, raw temperature
constexpr uint16_t t_max = 0x070;              ///< word, raw temperature
constexpr uint16_t tail_current = 0x092;       ///< 0.2 A

// Ours.
constexpr uint16_t charge_restart = 0x080;     ///< %
constexpr uint16_t discharge_restart = 0x081;  ///< %
constexpr uint16_t pin = 0x0A0;                ///< word, four BCD digits
constexpr uint16_t clear_counters = 0x0B0;     ///< 1 clears both totals
constexpr uint16_t v_full = 0x0C0;             ///< word, 5 mV
constexpr uint16_t clock = 0x0D0;              ///< word: hour, minute
constexpr uint16_t service_argument = 0x100;   ///< ten bytes, see service_frame.hpp
constexpr uint16_t service_command = 0x10F;    ///< carries the request out

}  // namespace app_address

/// How many bytes the setting at an address has; 0 where none begins.
constexpr uint8_t setting_width(uint16_t address) {
    return address == app_address::chemistry || address == app_address::sensor_type ||
                   address == app_address::critical_mode || address == app_address::charge_forced_off ||
                   address == app_address::load_forced_off || address == app_address::tail_current ||
                   address == app_address::charge_restart || address == app_address::discharge_restart ||
                   address == app_address::clear_counters
               ? uint8_t{1}
           : address == app_address::solar_peak || address == app_address::inverter_peak ||
                   address == app_address::capacity || address == app_address::v_min ||
                   address == app_address::v_low || address == app_address::v_nominal ||
                   address == app_address::v_max || address == app_address::t_min_charge ||
                   address == app_address::t_min_discharge || address == app_address::t_max ||
                   address == app_address::pin || address == app_address::v_full ||
                   address == app_address::clock
               ? uint8_t{2}
               : uint8_t{0};
}

/// Why the last write was refused: the code that `R@` answers.
enum class Refusal : uint8_t {
    none = 0,
    range = 1,    ///< the value is outside its limits
    order = 2,    ///< it would cross another setting (V-min < balance < V-max and so on)
    address = 3,  ///< nothing to write there, or a word's low byte without its high byte
    locked = 4,   ///< a service before the unlock sequence
    not_now = 5,  ///< a self-test that the rules forbid as things stand
};

}  // namespace bms
