// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <avr/io.h>

/// How interrupts wake the main loop: they set a bit in a register that one instruction can
/// set, so that an interrupt that has nothing to tell leaves the loop asleep.
namespace events {
constexpr uint8_t timer_bit = 0, sampled_bit = 1, chain_bit = 2, app_bit = 3, eeprom_bit = 4, button_bit = 5;

inline void raise(uint8_t bit) {
    GPIOR0 |= static_cast<uint8_t>(1 << bit);
}
}  // namespace events
