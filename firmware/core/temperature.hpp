// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// The raw temperature of the EXT frame and the app link, from tenths of a degree Celsius:
/// floor((T + 1625/7) * 7/6 + 0.5), saturated to 0..1023. Every whole degree from -40 to 125
/// comes back exactly through temperature_degc().
constexpr uint16_t temperature_raw_of_tenths(int32_t tenths_degc) {
    return tenths_degc * 7 + 16280 < 0             ? uint16_t{0}
           : (tenths_degc * 7 + 16280) / 60 > 1023 ? uint16_t{1023}
                                                   : static_cast<uint16_t>((tenths_degc * 7 + 16280) / 60);
}

constexpr uint16_t temperature_raw(int16_t degc) {
    return temperature_raw_of_tenths(static_cast<int32_t>(degc) * 10);
}

/// The whole degree nearest to what a reader of the frame computes: raw * 6/7 - 1625/7.
constexpr int16_t temperature_degc(uint16_t raw) {
    return static_cast<int16_t>((static_cast<int32_t>(raw) * 12 - 3250 + 7 + 14 * 1024) / 14 - 1024);
}

}  // namespace bms
