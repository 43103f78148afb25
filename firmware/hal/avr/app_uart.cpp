// SPDX-License-Identifier: BSD-2-Clause
// The last board's USART 1: the radio module.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/core/character_ring.hpp"
#include "firmware/hal/avr/app_uart.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/avr/uart.hpp"
#include "firmware/hal/board.hpp"

namespace {

constexpr uint8_t listening = _BV(RXEN1) | _BV(TXEN1) | _BV(RXCIE1), sending = listening | _BV(UDRIE1);

bms::CharacterRing<64> received;
bms::CharacterRing<128> to_send;

}  // namespace

ISR(USART1_RX_vect) {
    const bool intact = (UCSR1A & damaged_bits) == 0;
    received.put_heard(static_cast<char>(UDR1), intact);
    events::raise(events::app_bit);
}

ISR(USART1_UDRE_vect) {
    UDR1 = static_cast<uint8_t>(to_send.take());
    if (to_send.used() == 0) {
        UCSR1B = listening;
        events::raise(events::app_bit);
    }
}

void start_app_uart() {
    UCSR1A = 0;
    UBRR1 = divider_9600;
    UCSR1C = frame_8n1;
    UCSR1B = listening;
}

namespace board {

bool app_received(char& character) {
    if (received.used() == 0) return false;
    character = received.take();
    return true;
}

bool app_has_room(uint8_t characters) {
    return to_send.room() >= characters;
}

void app_send(const char* characters, uint8_t count) {
    while (count-- > 0)
        to_send.put(*characters++);
    // While the line still drains, its interrupt may have taken the last of them already.
    cli();
    if (to_send.used() != 0) UCSR1B = sending;
    sei();
}

}  // namespace board
