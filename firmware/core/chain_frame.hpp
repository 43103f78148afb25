// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// What travels from board to board once per message period. Voltages in 5 mV, temperatures
/// as one byte (see chain_temperature), currents in counts of the sensor (gen3: of its fine range,
/// 50 mA with the cable through it once), cells numbered from 1 at pack minus.
struct ChainFrame {
    static constexpr uint8_t size = 32;
    static constexpr uint8_t start_byte = 0xB3;
    static constexpr int16_t current_absent = -32768;
    /// What "lowest" holds before any board has contributed.
    static constexpr uint16_t no_lowest_voltage = 0xFFFF;
    static constexpr uint8_t no_lowest_temperature = 0xFF;

    uint8_t sequence;          ///< rises by one per message
    uint8_t hops;              ///< boards that have contributed so far
    uint8_t turn;              ///< the cell that reports its own values in this message
    uint8_t config;            ///< what the switches say: configuration.hpp
    bool fast;                 ///< two messages per second
    bool settings_lost;        ///< the first board knows its hidden settings no more
    bool calibration_lost;     ///< a board reads no better than its parts are
    uint16_t balance_voltage;  ///< 0: no balancing
    int16_t i1, i2;
    uint8_t balancing;    ///< boards whose bypass conducts
    uint8_t faulty_cell;  ///< the first cell without a plausible voltage; 0: none
    uint32_t sum;         ///< 24 bit: all plausible voltages
    uint16_t lowest_voltage;
    uint8_t lowest_voltage_cell;
    uint16_t highest_voltage;
    uint8_t highest_voltage_cell;
    uint8_t lowest_temperature;
    uint8_t lowest_temperature_cell;
    uint8_t highest_temperature;
    uint8_t highest_temperature_cell;
    uint16_t turn_voltage;  ///< 0: that cell has no plausible voltage, or there is no such cell
    bool turn_balancing;
    uint8_t turn_temperature;
    uint8_t bad_since;  ///< the hop that first saw the frame damaged; 0: nobody did
};

/// Where each field stands in the frame: numbers that are compared travel MSB first, the sum
/// that is added to LSB first, so that a board can forward each byte as it comes.
namespace chain_at {
constexpr uint8_t start = 0, sequence = 1, hops = 2, turn = 3, config = 4, balance_msb = 5, balance_lsb = 6,
                  i1_msb = 7, i1_lsb = 8, i2_msb = 9, i2_lsb = 10, balancing = 11, faulty_cell = 12,
                  sum_low = 13, sum_mid = 14, sum_high = 15, lowest_v_msb = 16, lowest_v_lsb = 17,
                  lowest_v_cell = 18, highest_v_msb = 19, highest_v_lsb = 20, highest_v_cell = 21,
                  lowest_t = 22, lowest_t_cell = 23, highest_t = 24, highest_t_cell = 25, turn_v_msb = 26,
                  turn_v_lsb = 27, turn_t = 28, crc_msb = 29, crc_lsb = 30, bad_since = 31;
constexpr uint8_t fast_bit = 0x80, settings_lost_bit = 0x40, calibration_lost_bit = 0x20,
                  balance_mask = 0x1F;        ///< in balance_msb
constexpr uint8_t turn_balancing_bit = 0x80;  ///< in turn_v_msb
}  // namespace chain_at

/// The lowest raw temperature a frame can carry: the sensor's whole range, -50 to 155 °C,
/// fits above it in one byte.
constexpr uint16_t chain_temperature_base = 200;

constexpr uint8_t chain_temperature(uint16_t raw) {
    return raw < chain_temperature_base         ? uint8_t{0}
           : raw > chain_temperature_base + 255 ? uint8_t{255}
                                                : static_cast<uint8_t>(raw - chain_temperature_base);
}
constexpr uint16_t raw_temperature(uint8_t in_chain) {
    return static_cast<uint16_t>(in_chain + chain_temperature_base);
}

/// A reading at the converter's upper end, or one that no cell can have while its board
/// still runs, is a loose lead and not a voltage.
constexpr uint16_t highest_plausible_voltage = 5110 / 5;
constexpr uint16_t lowest_plausible_voltage = 500 / 5;
constexpr bool plausible_voltage(uint16_t voltage) {
    return voltage >= lowest_plausible_voltage && voltage <= highest_plausible_voltage;
}

void encode(const ChainFrame& frame, uint8_t (&bytes)[ChainFrame::size]);

/// False, and `frame` untouched, for a frame that is damaged or was seen damaged by a board
/// on its way.
bool decode(const uint8_t (&bytes)[ChainFrame::size], ChainFrame& frame);

}  // namespace bms
