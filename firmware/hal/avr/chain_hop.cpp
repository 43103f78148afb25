// SPDX-License-Identifier: BSD-2-Clause
// A middle board's place in the chain: one interrupt per byte receives, contributes and sends.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/hal/avr/chain_input.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/avr/lines.hpp"
#include "firmware/hal/avr/uart.hpp"
#include "firmware/hal/board.hpp"

namespace {

uint16_t last_byte_at;

}  // namespace

ISR(USART_RX_vect) {
    const bool intact = (UCSR0A & damaged_bits) == 0;
    const uint8_t in = UDR0;
    const uint16_t now = TCNT1;
    if (static_cast<uint16_t>(now - last_byte_at) > bms::ChainRelay::gap) chain_input.begin_frame();
    last_byte_at = now;

    uint8_t out;
    if (chain_input.receive(in, intact, out)) UDR0 = out;
    if (chain_input.has_news()) events::raise(events::chain_bit);
}

void start_lines() {
    start_uart0(_BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0));
}

namespace board {

bool message_passed(Message& message) {
    cli();
    const bool passed = chain_input.take_arrived();
    message.sequence = chain_input.sequence();
    message.balance_voltage = chain_input.balance_voltage();
    message.fast = chain_input.fast();
    sei();
    return passed;
}

}  // namespace board
