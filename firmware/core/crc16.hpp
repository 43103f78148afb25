// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

constexpr uint16_t crc16_start = 0xFFFF;

/// CRC-16/MCRF4XX (polynomial 0x1021, reflected). In this form it needs no table and works on
/// bytes, which is what an 8-bit controller is fast at: it computes two of them per byte of the
/// chain.
inline uint16_t crc16(uint16_t crc, uint8_t byte) {
    const uint8_t high = static_cast<uint8_t>(crc >> 8);
    uint8_t x = static_cast<uint8_t>(byte ^ (crc & 0xFF));
    x = static_cast<uint8_t>(x ^ static_cast<uint8_t>(x << 4));
    const uint8_t swapped = static_cast<uint8_t>(x << 4 | x >> 4);
    const uint8_t quarter = swapped & 0x0F;
    const uint8_t new_low = static_cast<uint8_t>(high ^ quarter ^ static_cast<uint8_t>(x << 3));
    const uint8_t new_high = static_cast<uint8_t>(x ^ (quarter >> 1));
    return static_cast<uint16_t>(static_cast<uint16_t>(new_high << 8) | new_low);
}

inline uint16_t crc16(const uint8_t* bytes, uint8_t size) {
    uint16_t crc = crc16_start;
    for (uint8_t i = 0; i < size; ++i)
        crc = crc16(crc, bytes[i]);
    return crc;
}

}  // namespace bms
