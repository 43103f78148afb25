// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// What one reading of a current is in the EXT frame: sign and magnitude.
struct ExtCurrent {
    char sign;           ///< '+', '-', or 'X': sensor absent
    uint16_t magnitude;  ///< 0.125 A; 0 with 'X'
};

/// The extended data output's 58-byte frame, field by field in the order of the
/// wire. Voltages in 5 mV, temperatures raw (temperature.hpp), numbers from 1.
struct ExtFrame {
    static constexpr uint8_t size = 58;
    static constexpr uint8_t no_pair = 0;  ///< key byte below 25: no key/value pair in this frame

    uint32_t pack_voltage;  ///< 24 bit
    ExtCurrent i1, i2, battery;
    uint16_t lowest_voltage;
    uint8_t lowest_voltage_cell;
    uint16_t highest_voltage;
    uint8_t highest_voltage_cell;
    uint16_t lowest_temperature;
    uint8_t lowest_temperature_cell;
    uint16_t highest_temperature;
    uint8_t highest_temperature_cell;
    uint8_t cell, count;
    uint16_t cell_voltage, cell_temperature;
    uint8_t status;                                             ///< status byte 1
    uint32_t collected_today_wh, stored_wh, consumed_today_wh;  ///< 24 bit each
    uint8_t soc_percent;
    uint32_t collected_total_kwh, consumed_total_kwh;  ///< 24 bit each
    uint8_t key_byte, value;                           ///< key + 25, or gen2's clock: hour, minute
    uint16_t capacity_100wh;
    uint16_t v_min, v_max, balance_voltage;
};

void encode(const ExtFrame& frame, uint8_t (&bytes)[ExtFrame::size]);

/// False, and `frame` untouched, when the checksum does not fit.
bool decode(const uint8_t (&bytes)[ExtFrame::size], ExtFrame& frame);

}  // namespace bms
