// SPDX-License-Identifier: BSD-2-Clause
// A board between: adds its cell to each message that passes.
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/fresh_messages.hpp"
#include "firmware/hal/board.hpp"

int main() {
    board::start();
    static bms::CalibrationKeeper calibration{bms::SavedCalibration::find(board::read_eeprom)};
    static bms::CellNode cell{board::now()};
    static bms::FreshMessages messages;

    for (;;) {
        const bms::Ticks now = board::now();
        board::Message message;
        if (board::message_passed(message) && messages.fresh(message.sequence))
            cell.message(now, message.balance_voltage, message.fast);

        if (cell.step(now)) board::begin_sampling();

        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples, calibration);
            board::contribute(cell.contribution());
            board::feed_watchdog();
        }

        board::write_eeprom([](uint16_t& address, uint8_t& byte) { return calibration.next(address, byte); });

        board::drive_bypass(cell.bypass());
        board::light_info(cell.lit());
        board::sleep_until(cell.due());
    }
}
