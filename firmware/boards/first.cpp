// SPDX-License-Identifier: BSD-2-Clause
// The board at pack minus: reads switches and current sensors, starts the messages.
#include "firmware/core/announcement.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/current_sensor.hpp"
#include "firmware/core/switches.hpp"
#include "firmware/hal/board.hpp"

int main() {
    board::start();
    static bms::CellNode cell{board::now()};
    static bms::ChainOrigin origin{board::now()};
    static bms::SwitchDebounce debounce;

    for (;;) {
        const bms::Ticks now = board::now();
        if (cell.step(now)) board::begin_sampling_with_sensors();

        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples);
            board::feed_watchdog();
        }

        if (bms::reached(now, origin.due())) {
            const bms::Announcement told = bms::announcement(debounce.update(board::read_switches()));
            uint8_t message[bms::ChainFrame::size];
            origin.compose(now, told, bms::sensor_current(board::sensor_samples(0)),
                           bms::sensor_current(board::sensor_samples(1)), cell.contribution(), message);
            board::send_message(message);
            cell.message(now, told.balance_voltage);
        }

        board::drive_bypass(cell.bypass());
        board::light_info(cell.lit());
        board::sleep_until(bms::earlier(cell.due(), origin.due()));
    }
}
