// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/chain_frame.hpp"

#include "firmware/core/crc16.hpp"

namespace bms {
namespace {

void put_msb_first(uint8_t* at, uint16_t value) {
    at[0] = static_cast<uint8_t>(value >> 8);
    at[1] = static_cast<uint8_t>(value & 0xFF);
}

void set(uint8_t& byte, uint8_t bit) {
    byte = static_cast<uint8_t>(byte | bit);
}

uint16_t get_msb_first(const uint8_t* at) {
    return static_cast<uint16_t>(static_cast<uint16_t>(at[0] << 8) | at[1]);
}

}  // namespace

void encode(const ChainFrame& frame, uint8_t (&bytes)[ChainFrame::size]) {
    bytes[chain_at::start] = ChainFrame::start_byte;
    bytes[chain_at::sequence] = frame.sequence;
    bytes[chain_at::hops] = frame.hops;
    bytes[chain_at::turn] = frame.turn;
    bytes[chain_at::config] = frame.config;
    put_msb_first(bytes + chain_at::balance_msb, frame.balance_voltage);
    if (frame.fast) set(bytes[chain_at::balance_msb], chain_at::fast_bit);
    if (frame.settings_lost) set(bytes[chain_at::balance_msb], chain_at::settings_lost_bit);
    if (frame.calibration_lost) set(bytes[chain_at::balance_msb], chain_at::calibration_lost_bit);
    put_msb_first(bytes + chain_at::i1_msb, static_cast<uint16_t>(frame.i1));
    put_msb_first(bytes + chain_at::i2_msb, static_cast<uint16_t>(frame.i2));
    bytes[chain_at::balancing] = frame.balancing;
    bytes[chain_at::faulty_cell] = frame.faulty_cell;
    bytes[chain_at::sum_low] = static_cast<uint8_t>(frame.sum & 0xFF);
    bytes[chain_at::sum_mid] = static_cast<uint8_t>((frame.sum >> 8) & 0xFF);
    bytes[chain_at::sum_high] = static_cast<uint8_t>((frame.sum >> 16) & 0xFF);
    put_msb_first(bytes + chain_at::lowest_v_msb, frame.lowest_voltage);
    bytes[chain_at::lowest_v_cell] = frame.lowest_voltage_cell;
    put_msb_first(bytes + chain_at::highest_v_msb, frame.highest_voltage);
    bytes[chain_at::highest_v_cell] = frame.highest_voltage_cell;
    bytes[chain_at::lowest_t] = frame.lowest_temperature;
    bytes[chain_at::lowest_t_cell] = frame.lowest_temperature_cell;
    bytes[chain_at::highest_t] = frame.highest_temperature;
    bytes[chain_at::highest_t_cell] = frame.highest_temperature_cell;
    put_msb_first(bytes + chain_at::turn_v_msb, frame.turn_voltage);
    if (frame.turn_balancing) set(bytes[chain_at::turn_v_msb], chain_at::turn_balancing_bit);
    bytes[chain_at::turn_t] = frame.turn_temperature;
    put_msb_first(bytes + chain_at::crc_msb, crc16(bytes, chain_at::crc_msb));
    bytes[chain_at::bad_since] = frame.bad_since;
}

bool decode(const uint8_t (&bytes)[ChainFrame::size], ChainFrame& frame) {
    if (bytes[chain_at::start] != ChainFrame::start_byte || bytes[chain_at::bad_since] != 0 ||
        get_msb_first(bytes + chain_at::crc_msb) != crc16(bytes, chain_at::crc_msb))
        return false;
    frame.sequence = bytes[chain_at::sequence];
    frame.hops = bytes[chain_at::hops];
    frame.turn = bytes[chain_at::turn];
    frame.config = bytes[chain_at::config];
    const uint8_t balance_msb = bytes[chain_at::balance_msb];
    frame.fast = (balance_msb & chain_at::fast_bit) != 0;
    frame.settings_lost = (balance_msb & chain_at::settings_lost_bit) != 0;
    frame.calibration_lost = (balance_msb & chain_at::calibration_lost_bit) != 0;
    frame.balance_voltage = static_cast<uint16_t>(get_msb_first(bytes + chain_at::balance_msb) &
                                                  (chain_at::balance_mask << 8 | 0xFF));
    frame.i1 = static_cast<int16_t>(get_msb_first(bytes + chain_at::i1_msb));
    frame.i2 = static_cast<int16_t>(get_msb_first(bytes + chain_at::i2_msb));
    frame.balancing = bytes[chain_at::balancing];
    frame.faulty_cell = bytes[chain_at::faulty_cell];
    frame.sum = bytes[chain_at::sum_low] | static_cast<uint32_t>(bytes[chain_at::sum_mid]) << 8 |
                static_cast<uint32_t>(bytes[chain_at::sum_high]) << 16;
    frame.lowest_voltage = get_msb_first(bytes + chain_at::lowest_v_msb);
    frame.lowest_voltage_cell = bytes[chain_at::lowest_v_cell];
    frame.highest_voltage = get_msb_first(bytes + chain_at::highest_v_msb);
    frame.highest_voltage_cell = bytes[chain_at::highest_v_cell];
    frame.lowest_temperature = bytes[chain_at::lowest_t];
    frame.lowest_temperature_cell = bytes[chain_at::lowest_t_cell];
    frame.highest_temperature = bytes[chain_at::highest_t];
    frame.highest_temperature_cell = bytes[chain_at::highest_t_cell];
    const uint16_t turn = get_msb_first(bytes + chain_at::turn_v_msb);
    frame.turn_balancing = (bytes[chain_at::turn_v_msb] & chain_at::turn_balancing_bit) != 0;
    frame.turn_voltage = static_cast<uint16_t>(turn & ~(chain_at::turn_balancing_bit << 8));
    frame.turn_temperature = bytes[chain_at::turn_t];
    frame.bad_since = 0;
    return true;
}

}  // namespace bms
