// SPDX-License-Identifier: BSD-2-Clause
// Timer 1 counts 1.8432 MHz / 1024 and is never written; the compare match wakes the board.
#include <avr/interrupt.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#include "firmware/hal/avr/clock.hpp"
#include "firmware/hal/avr/events.hpp"
#include "firmware/hal/board.hpp"

namespace {

uint8_t cause __attribute__((section(".noinit")));

uint16_t last_count;
bms::Ticks counted;

/// Interrupts are off: the timer's high byte passes through a register that they share.
bms::Ticks count() {
    const uint16_t count = TCNT1;
    counted += static_cast<uint16_t>(count - last_count);
    last_count = count;
    return counted;
}

/// The timer is read at least this often, well before it wraps.
constexpr bms::Ticks longest_sleep = bms::seconds(20);

}  // namespace

/// After a watchdog reset the watchdog runs on at its shortest period: it must be stopped
/// before anything else.
extern "C" void stop_watchdog() __attribute__((naked, used, section(".init3")));
extern "C" void stop_watchdog() {
    cause = MCUSR;
    MCUSR = 0;
    wdt_disable();
}

// Nothing but one instruction that leaves the flags alone.
ISR(TIMER1_COMPA_vect, ISR_NAKED) {
    events::raise(events::timer_bit);
    reti();
}

void start_clock() {
    GPIOR0 = 0;
    TCCR1B = _BV(CS12) | _BV(CS10);
    TIMSK1 = _BV(OCIE1A);
    set_sleep_mode(SLEEP_MODE_IDLE);
    wdt_enable(WDTO_4S);
    sei();
}

namespace board {

bms::Ticks now() {
    cli();
    const bms::Ticks ticks = count();
    sei();
    return ticks;
}

void sleep_until(bms::Ticks due) {
    cli();
    const bms::Ticks limit = count() + longest_sleep;
    due = bms::earlier(due, limit);
    // The match flag rises as the counter leaves the compared value.
    OCR1A = static_cast<uint16_t>(due - 1);
    if (!bms::reached(count(), due))
        while (GPIOR0 == 0) {
            sleep_enable();
            sei();
            sleep_cpu();
            sleep_disable();
            cli();
        }
    GPIOR0 = 0;
    sei();
}

void feed_watchdog() {
    wdt_reset();
}

uint8_t reset_cause() {
    return cause;
}

bool powered_up() {
    return (cause & _BV(PORF)) != 0;
}

bool reset_by_watchdog_or_brown_out() {
    return (cause & (_BV(WDRF) | _BV(BORF))) != 0 && (cause & (_BV(PORF) | _BV(EXTRF))) == 0;
}

}  // namespace board
