// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/cell_reading.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/current_sensor.hpp"
#include "firmware/core/relay_pulses.hpp"
#include "firmware/core/service_frame.hpp"
#include "firmware/core/ticks.hpp"

/// What a board can do. hal/avr/ defines these for silicon and simulator; a board's image links
/// only what its hardware has.
namespace board {

/// Everything off, the clock running, the watchdog armed.
void start();

bms::Ticks now();

/// Idles until `due`, or until something arrived or finished.
void sleep_until(bms::Ticks due);

/// To be called once per finished reading: 4 s without one reset the board.
void feed_watchdog();

/// Why the controller started, as its MCUSR says it.
uint8_t reset_cause();
bool reset_by_watchdog_or_brown_out();
bool powered_up();

// Every board's own cell.

void drive_bypass(bool on);
void light_info(bool on);

/// Starts the conversions of cell and board temperature; the bypass is paused already.
void begin_sampling();

/// True once, when they are done.
bool sampled(bms::CellSamples& samples);

/// Not while a byte is being written.
void read_eeprom(uint16_t address, uint8_t* bytes, uint8_t count);

/// False while the byte before is being written.
bool eeprom_ready();

/// False when the byte stands there already and nothing needs writing.
bool eeprom_write(uint16_t address, uint8_t byte);

/// Writes what `next(address, byte)` hands out, up to the first byte that takes its time.
template <class Next>
void write_eeprom(Next next) {
    uint16_t address;
    uint8_t byte;
    while (eeprom_ready() && next(address, byte) && !eeprom_write(address, byte)) {
    }
}

// First and last board.

/// Its change wakes the board from now on. Draws current only while it is pressed.
void watch_button();
bool button_pressed();

// The first board.

/// Starts those of both current sensors besides.
void begin_sampling_with_sensors();
bms::SensorSamples sensor_samples(uint8_t sensor);

/// The option switches, switch 1 in bit 7; on is 1. Draws current only while it reads.
uint8_t read_switches();

/// Generation 2: switch 8 wakes the board from now on, and draws current while it is on.
void watch_store_switch();
bool store_switch_on();

/// Sends a message or a service frame without a pause between its bytes.
void send_message(const uint8_t (&bytes)[bms::ChainFrame::size]);

/// True once for each frame that came whole on the service input.
bool service_heard(uint8_t (&bytes)[bms::ServiceFrame::size]);

// Boards with a chain input.

/// What the next message takes along.
void contribute(const bms::Contribution& contribution);

struct Message {
    uint8_t sequence;
    uint16_t balance_voltage;
    bool fast;
};

/// Middle boards, which forward by themselves: true once for each undamaged message.
bool message_passed(Message& message);

/// True once for each undamaged service frame for this board.
bool service_requested(bms::ServiceRequest& request);

/// What the next service frame for this board takes along.
void answer_service(const bms::ServiceAnswer& answer);

// The last board.

/// True once for each frame, damaged or not; this board's contribution is in it.
bool frame_arrived(uint8_t (&bytes)[bms::ChainFrame::size]);

/// Sends the extended output's frame without a pause between its bytes.
void send_ext(const uint8_t (&bytes)[58]);

bool app_received(char& character);

/// False, and nothing sent, while there is no room for all of it.
bool app_has_room(uint8_t characters);
void app_send(const char* characters, uint8_t count);

/// The radio module's lines.
void drive_radio(bool reset, bool configure);

void energise(bms::Coil coil);
void light_charge(bool on);
void light_load(bool on);

/// Survives every reset but a power-up. What was never stored reads as nothing.
struct RelaysBeforeReset {
    bool known, charge, load;
};
RelaysBeforeReset relays_before_reset();
void remember_relays(bool charge, bool load);

}  // namespace board
