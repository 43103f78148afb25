// SPDX-License-Identifier: BSD-2-Clause
// The last board's USART 0: the chain comes in, the extended data output goes out.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/core/ext_frame.hpp"
#include "firmware/hal/avr/app_uart.hpp"
#include "firmware/hal/avr/chain_input.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/avr/lines.hpp"
#include "firmware/hal/avr/uart.hpp"
#include "firmware/hal/board.hpp"

namespace {

constexpr uint8_t listening = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0), sending = listening | _BV(UDRIE0);

uint16_t last_byte_at;
uint8_t incoming[bms::ChainFrame::size];
uint8_t filled;
volatile bool complete;

uint8_t outgoing[bms::ExtFrame::size];
uint8_t sent;

}  // namespace

ISR(USART0_RX_vect) {
    const bool intact = (UCSR0A & damaged_bits) == 0;
    const uint8_t in = UDR0;
    const uint16_t now = TCNT1;
    if (static_cast<uint16_t>(now - last_byte_at) > bms::ChainRelay::gap) {
        chain_input.begin_frame();
        filled = 0;
    }
    last_byte_at = now;

    uint8_t out;
    if (!chain_input.receive(in, intact, out)) return;
    incoming[filled] = out;
    if (++filled == sizeof incoming) {
        complete = true;
        events::raise(events::chain_bit);
    }
}

ISR(USART0_UDRE_vect) {
    UDR0 = outgoing[sent];
    if (++sent == sizeof outgoing) UCSR0B = listening;
}

void start_lines() {
    start_uart0(listening);
    start_app_uart();
}

namespace board {

bool frame_arrived(uint8_t (&bytes)[bms::ChainFrame::size]) {
    if (!complete) return false;
    complete = false;
    // The next frame is at least a gap away.
    for (uint8_t i = 0; i < sizeof incoming; ++i)
        bytes[i] = incoming[i];
    return true;
}

void send_ext(const uint8_t (&bytes)[bms::ExtFrame::size]) {
    for (uint8_t i = 0; i < sizeof outgoing; ++i)
        outgoing[i] = bytes[i];
    sent = 0;
    UCSR0B = sending;
}

}  // namespace board
