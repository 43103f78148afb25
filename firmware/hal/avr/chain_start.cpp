// SPDX-License-Identifier: BSD-2-Clause
// The first board's end of the chain: sends, by interrupt. Its receiver is the service input.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/core/chain_relay.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/avr/lines.hpp"
#include "firmware/hal/avr/uart.hpp"
#include "firmware/hal/board.hpp"

namespace {

constexpr uint8_t listening = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0), sending = listening | _BV(UDRIE0);

uint8_t outgoing[bms::ChainFrame::size];
uint8_t sent;

constexpr uint8_t nowhere = 0xFF;
uint8_t incoming[bms::ServiceFrame::size];
uint8_t filled;
uint16_t last_byte_at;
volatile bool complete;

}  // namespace

ISR(USART_UDRE_vect) {
    UDR0 = outgoing[sent];
    if (++sent == sizeof outgoing) UCSR0B = listening;
}

ISR(USART_RX_vect) {
    const bool intact = (UCSR0A & damaged_bits) == 0;
    const uint8_t in = UDR0;
    const uint16_t now = TCNT1;
    if (static_cast<uint16_t>(now - last_byte_at) > bms::ChainRelay::gap && !complete) filled = 0;
    last_byte_at = now;

    if (filled == nowhere) return;
    if (!intact || (filled == 0 && in != bms::ServiceFrame::start_byte)) {
        filled = nowhere;
        return;
    }
    incoming[filled] = in;
    if (++filled == sizeof incoming) {
        filled = nowhere;
        complete = true;
        events::raise(events::chain_bit);
    }
}

void start_lines() {
    filled = nowhere;
    start_uart0(listening);
}

namespace board {

void send_message(const uint8_t (&bytes)[bms::ChainFrame::size]) {
    for (uint8_t i = 0; i < sizeof outgoing; ++i)
        outgoing[i] = bytes[i];
    sent = 0;
    UCSR0B = sending;
}

bool service_heard(uint8_t (&bytes)[bms::ServiceFrame::size]) {
    if (!complete) return false;
    // Nothing is taken in before this is fetched.
    for (uint8_t i = 0; i < sizeof incoming; ++i)
        bytes[i] = incoming[i];
    complete = false;
    return true;
}

}  // namespace board
