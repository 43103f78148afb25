// SPDX-License-Identifier: BSD-2-Clause
// A byte takes 3.4 ms to write; the controller goes on meanwhile and is told when it is done.
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
    // Within four cycles, so no interrupt may come between; erase and write in one.
    cli();
    EECR = _BV(EEMPE) | _BV(EERIE);
    EECR = _BV(EEMPE) | _BV(EEPE) | _BV(EERIE);
    sei();
    return true;
}

bms::StoredSettings read_settings(uint16_t address) {
    bms::StoredSettings stored;
    for (uint8_t& byte : stored.bytes)
        byte = read(address++);
    return stored;
}

}  // namespace board
