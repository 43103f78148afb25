// SPDX-License-Identifier: BSD-2-Clause
// First and middle board.
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/power.h>
#include <util/delay.h>

#include "firmware/hal/avr/clock.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/avr/lines.hpp"
#include "firmware/hal/board.hpp"

namespace {

constexpr uint8_t bypass = _BV(PB0), info = _BV(PB1), button = _BV(PB4), unused_b = _BV(PB5);
constexpr uint8_t switch_8 = _BV(PB3), switches_b = _BV(PB2) | switch_8;
constexpr uint8_t chain_in = _BV(PD0), chain_out = _BV(PD1);
constexpr uint8_t switches_d = 0xFC;
constexpr uint8_t analogue = 0x3F;

void set(volatile uint8_t& port, uint8_t pin, bool on) {
    if (on)
        port = static_cast<uint8_t>(port | pin);
    else
        port = static_cast<uint8_t>(port & ~pin);
}

/// Its change wakes the board from now on.
void watch(uint8_t pin) {
    DDRB = static_cast<uint8_t>(DDRB & ~pin);
    PORTB = static_cast<uint8_t>(PORTB | pin);
    PCMSK0 = static_cast<uint8_t>(PCMSK0 | pin);
    PCICR = _BV(PCIE0);
}

}  // namespace

// One instruction that leaves the flags alone.
ISR(PCINT0_vect, ISR_NAKED) {
    events::raise(events::button_bit);
    reti();
}

namespace board {

void start() {
    power_spi_disable();
    power_twi_disable();
    power_timer0_disable();
    power_timer2_disable();
    ACSR = _BV(ACD);
    DIDR0 = analogue;
    // Switches are driven low while nobody reads them, the button where nobody ever does.
    PORTB = 0;
    DDRB = bypass | info | button | unused_b | switches_b;
    PORTD = chain_in | chain_out;
    DDRD = chain_out | switches_d;
    start_lines();
    start_clock();
}

void drive_bypass(bool on) {
    set(PORTB, bypass, on);
}
void light_info(bool on) {
    set(PORTB, info, on);
}

void watch_button() {
    watch(button);
}
void watch_store_switch() {
    watch(switch_8);
}

bool store_switch_on() {
    return (PINB & switch_8) == 0;
}

bool button_pressed() {
    return (PINB & button) == 0;
}

uint8_t read_switches() {
    DDRB = static_cast<uint8_t>(DDRB & ~switches_b);
    DDRD = static_cast<uint8_t>(DDRD & ~switches_d);
    PORTB = static_cast<uint8_t>(PORTB | switches_b);
    PORTD = static_cast<uint8_t>(PORTD | switches_d);
    _delay_us(20);  // pull-up against a lead's capacitance
    const uint8_t d = static_cast<uint8_t>(~PIND), b = static_cast<uint8_t>(~PINB);
    const uint8_t parked_b = static_cast<uint8_t>(switches_b & ~PCMSK0);  // all but one that is watched
    PORTB = static_cast<uint8_t>(PORTB & ~parked_b);
    PORTD = static_cast<uint8_t>(PORTD & ~switches_d);
    DDRB = static_cast<uint8_t>(DDRB | parked_b);
    DDRD = static_cast<uint8_t>(DDRD | switches_d);

    uint8_t positions = 0;
    for (uint8_t pin = PD2; pin <= PD7; ++pin)
        positions = static_cast<uint8_t>(positions << 1 | ((d >> pin) & 1));
    for (uint8_t pin = PB2; pin <= PB3; ++pin)
        positions = static_cast<uint8_t>(positions << 1 | ((b >> pin) & 1));
    return positions;
}

}  // namespace board
