// SPDX-License-Identifier: BSD-2-Clause
// The first board's end of the chain: sends, by interrupt.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/hal/avr/lines.hpp"
#include "firmware/hal/avr/uart.hpp"
#include "firmware/hal/board.hpp"

namespace {

constexpr uint8_t quiet = _BV(TXEN0), sending = _BV(TXEN0) | _BV(UDRIE0);

uint8_t outgoing[bms::ChainFrame::size];
uint8_t sent;

}  // namespace

ISR(USART_UDRE_vect) {
    UDR0 = outgoing[sent];
    if (++sent == sizeof outgoing) UCSR0B = quiet;
}

void start_lines() {
    start_uart0(quiet);
}

namespace board {

void send_message(const uint8_t (&bytes)[bms::ChainFrame::size]) {
    for (uint8_t i = 0; i < sizeof outgoing; ++i)
        outgoing[i] = bytes[i];
    sent = 0;
    UCSR0B = sending;
}

}  // namespace board
