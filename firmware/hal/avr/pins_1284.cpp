// SPDX-License-Identifier: BSD-2-Clause
// Last board.
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/power.h>

#include "firmware/hal/avr/clock.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/avr/lines.hpp"
#include "firmware/hal/board.hpp"

namespace {

constexpr uint8_t bypass = _BV(PB0), info = _BV(PB1), charge_led = _BV(PB2), load_led = _BV(PB3),
                  button = _BV(PB4);
constexpr uint8_t charge_set = _BV(PC0), charge_reset = _BV(PC1), load_set = _BV(PC2), load_reset = _BV(PC3);
constexpr uint8_t chain_in = _BV(PD0), ext_out = _BV(PD1), app_in = _BV(PD2), app_out = _BV(PD3),
                  radio_reset = _BV(PD4), radio_configure = _BV(PD5);
constexpr uint8_t analogue = _BV(PA0) | _BV(PA1);

void set(volatile uint8_t& port, uint8_t pin, bool on) {
    if (on)
        port = static_cast<uint8_t>(port | pin);
    else
        port = static_cast<uint8_t>(port & ~pin);
}

/// Two of the coils' pins belong to the debugger until this is written twice in a row.
void free_debugger_pins() {
    MCUCR = _BV(JTD);
    MCUCR = _BV(JTD);
}

uint8_t retained __attribute__((section(".noinit")));
uint8_t retained_check __attribute__((section(".noinit")));
constexpr uint8_t retained_charge = 0x01, retained_load = 0x02;

}  // namespace

// One instruction that leaves the flags alone.
ISR(PCINT1_vect, ISR_NAKED) {
    events::raise(events::button_bit);
    reti();
}

namespace board {

void start() {
    power_spi_disable();
    power_twi_disable();
    power_timer0_disable();
    power_timer2_disable();
    power_timer3_disable();
    ACSR = _BV(ACD);
    DIDR0 = analogue;
    free_debugger_pins();
    // Coils off before they are outputs; what is not connected is driven low.
    PORTC = 0;
    DDRC = 0xFF;
    PORTB = button;
    DDRB = static_cast<uint8_t>(~button);
    PORTA = 0;
    DDRA = static_cast<uint8_t>(~analogue);
    PORTD = chain_in | ext_out | app_in | app_out;
    DDRD = static_cast<uint8_t>(~(chain_in | app_in));
    start_lines();
    start_clock();
}

void drive_bypass(bool on) {
    set(PORTB, bypass, on);
}
void light_info(bool on) {
    set(PORTB, info, on);
}
void light_charge(bool on) {
    set(PORTB, charge_led, on);
}
void light_load(bool on) {
    set(PORTB, load_led, on);
}

void watch_button() {
    PCMSK1 = button;
    PCICR = _BV(PCIE1);
}

bool button_pressed() {
    return (PINB & button) == 0;
}

void drive_radio(bool reset, bool configure) {
    set(PORTD, radio_reset, reset);
    set(PORTD, radio_configure, configure);
}

void energise(bms::Coil coil) {
    PORTC = coil == bms::Coil::charge_set     ? charge_set
            : coil == bms::Coil::charge_reset ? charge_reset
            : coil == bms::Coil::load_set     ? load_set
            : coil == bms::Coil::load_reset   ? load_reset
                                              : uint8_t{0};
}

RelaysBeforeReset relays_before_reset() {
    if (static_cast<uint8_t>(retained ^ retained_check) != 0xFF) return {false, false, false};
    return {true, (retained & retained_charge) != 0, (retained & retained_load) != 0};
}

void remember_relays(bool charge, bool load) {
    retained = static_cast<uint8_t>((charge ? retained_charge : 0) | (load ? retained_load : 0));
    retained_check = static_cast<uint8_t>(~retained);
}

}  // namespace board
