// SPDX-License-Identifier: BSD-2-Clause
// A middle board's place in the chain: one interrupt per byte receives, contributes and sends.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/core/chain_relay.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/avr/lines.hpp"
#include "firmware/hal/avr/uart.hpp"
#include "firmware/hal/board.hpp"

namespace {

bms::ChainRelay relay;
uint16_t last_byte_at;

}  // namespace

ISR(USART_RX_vect) {
    const bool intact = (UCSR0A & damaged_bits) == 0;
    const uint8_t in = UDR0;
    const uint16_t now = TCNT1;
    if (static_cast<uint16_t>(now - last_byte_at) > bms::ChainRelay::gap) relay.begin_frame();
    last_byte_at = now;

    uint8_t out;
    if (relay.receive(in, intact, out)) UDR0 = out;
    if (relay.has_news()) events::raise(events::chain_bit);
}

void start_lines() {
    start_uart0(_BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0));
}

namespace board {

bool service_requested(bms::ServiceRequest& request) {
    if (!relay.has_news()) return false;
    cli();
    const bool requested = relay.take_request(request);
    sei();
    return requested;
}

void answer_service(const bms::ServiceAnswer& answer) {
    cli();
    relay.answer(answer);
    sei();
}

void contribute(const bms::Contribution& contribution) {
    cli();
    relay.contribute(contribution);
    sei();
}

bool message_passed(Message& message) {
    cli();
    const bool passed = relay.take_arrived();
    message.sequence = relay.sequence();
    message.balance_voltage = relay.balance_voltage();
    message.fast = relay.fast();
    sei();
    return passed;
}

}  // namespace board
