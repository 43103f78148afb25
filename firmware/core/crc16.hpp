// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

constexpr uint16_t crc16_start = 0xFFFF;

/// CRC-16/MCRF4XX (polynomial 0x1021 reflected). Without a table: a board computes
/// two of them per byte of the chain, and this form is as fast there as a look-up in flash.
inline uint16_t crc16(uint16_t crc, uint8_t byte) {
    uint8_t x = static_cast<uint8_t>(byte ^ (crc & 0xFF));
    x = static_cast<uint8_t>(x ^ (x << 4));
    return static_cast<uint16_t>((static_cast<uint16_t>(x << 8) | (crc >> 8)) ^ (x >> 4) ^
                                 (static_cast<uint16_t>(x) << 3));
}

inline uint16_t crc16(const uint8_t* bytes, uint8_t size) {
    uint16_t crc = crc16_start;
    for (uint8_t i = 0; i < size; ++i)
        crc = crc16(crc, bytes[i]);
    return crc;
}

}  // namespace bms
