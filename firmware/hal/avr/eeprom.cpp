// SPDX-License-Identifier: BSD-2-Clause
// A byte takes 3.4 ms to write; the controller goes on meanwhile and is told when it is done.
// The brown-out detector holds it in reset below a rail of 2.7 V, where no write may begin.
#include <avr/interrupt.h>
#include <avr/io.h>

#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/board.hpp"

namespace {

uint8_t read(uint16_t address) {
    EEAR = address;
    EECR = _BV(EERE);
    return EEDR;
}

}  // namespace

// Asks again for as long as it is enabled.
ISR(EE_READY_vect) {
    EECR = 0;
    events::raise(events::eeprom_bit);
}

namespace board {

bool eeprom_ready() {
    return (EECR & _BV(EEPE)) == 0;
}

bool eeprom_write(uint16_t address, uint8_t byte) {
    if (read(address) == byte) return false;
    EEAR = address;
    EEDR = byte;
    // Within four cycles, so no interrupt may come between; erase and write in one. The interrupt
    // is asked for with the write and not before it, while the EEPROM is still ready.
    cli();
    EECR = _BV(EEMPE);
    EECR = _BV(EEMPE) | _BV(EEPE) | _BV(EERIE);
    sei();
    return true;
}

void read_eeprom(uint16_t address, uint8_t* bytes, uint8_t count) {
    while (count-- > 0)
        *bytes++ = read(address++);
}

}  // namespace board
