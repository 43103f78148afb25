// SPDX-License-Identifier: BSD-2-Clause
// Generation 2's board at pack minus.
#include "firmware/boards/first_service.hpp"
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/gen2_installation.hpp"
#include "firmware/hal/board.hpp"

int main() {
    board::start();
    static bms::CalibrationKeeper calibration{bms::SavedCalibration::find(board::read_eeprom)};
    static bms::CellNode cell{board::now()};
    static bms::ChainOrigin origin{board::now()};
    static bms::Gen2Installation installation;
    static FirstService service{calibration};

    for (;;) {
        const bms::Ticks now = board::now();
        if (cell.step(now)) board::begin_sampling_with_sensors();

        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples, calibration);
            service.sampled(samples, board::sensor_samples(0), board::sensor_samples(1));
            board::feed_watchdog();
        }

        if (origin.due(now, calibration.value().clock_trim)) {
            if (installation.wants_switches()) installation.read(board::read_switches());
            const bms::Announcement told = installation.announcement();
            const bms::SensorCalibration* const sensors = calibration.value().sensors;
            uint8_t message[bms::ChainFrame::size];
            origin.compose(told, installation.current(board::sensor_samples(0), sensors[0]),
                           installation.current(board::sensor_samples(1), sensors[1]), cell.contribution(),
                           message);
            board::send_message(message);
            cell.message(now, told.balance_voltage, told.fast);
        }

        service.step(now, origin);
        board::write_eeprom([](uint16_t& address, uint8_t& byte) { return calibration.next(address, byte); });

        board::drive_bypass(cell.bypass(service.tests().conducts()));
        board::light_info(service.tests().light(bms::SelfTest::info_light, cell.lit()));
        board::sleep_until(service.due(now, origin, bms::earlier(cell.due(), origin.next())));
    }
}
