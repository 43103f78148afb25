// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <avr/io.h>

/// 1 843 200 / 16 / 12 = 9600 baud exactly. U2X goes before the divider.
constexpr uint16_t divider_9600 = 11;
constexpr uint8_t frame_8n1 = 0x06;
constexpr uint8_t damaged_bits = _BV(FE0) | _BV(DOR0);

inline void start_uart0(uint8_t control) {
    UCSR0A = 0;
    UBRR0 = divider_9600;
    UCSR0C = frame_8n1;
    UCSR0B = control;
}
