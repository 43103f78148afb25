// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// Bits of the EXT frame's status byte 1, also sent on the app link. V-min is the warning
/// Vl, V-max Vh, T-min Tl, T-max Th, and the communication error is E.
namespace status1 {
constexpr uint8_t charge_allowed = 0x01, discharge_allowed = 0x02, communication_error = 0x04, v_min = 0x08,
                  v_max = 0x10, t_min = 0x20, t_max = 0x40, soc_uncalibrated = 0x80;
}

/// Bits of status byte 2, which travels as the value of key 16.
namespace status2 {
constexpr uint8_t early_warning = 0x02, below_t_min_charge = 0x04, below_t_min_discharge = 0x08,
                  charge_relay_active = 0x10, load_relay_active = 0x20;
}

/// Keys of the EXT frame's key/value pairs. On the wire a key is key + key_offset.
namespace ext_key {
constexpr uint8_t key_offset = 25;
constexpr uint8_t state_of_health = 0, charge_efficiency = 1, v_low_msb = 2, v_low_lsb = 3, v_nominal_msb = 4,
                  v_nominal_lsb = 5, firmware_major_minor = 6, firmware_patch = 7, cycles_msb = 8,
                  cycles_lsb = 9, charged_msb = 10, charged_mid = 11, charged_lsb = 12, discharged_msb = 13,
                  discharged_mid = 14, discharged_lsb = 15, status_2 = 16, v_full_msb = 17, v_full_lsb = 18,
                  count = 19;
}  // namespace ext_key

}  // namespace bms
