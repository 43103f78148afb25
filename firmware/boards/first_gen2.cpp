// SPDX-License-Identifier: BSD-2-Clause
// Generation 2's board at pack minus: its switches say what generation 3's app sets.
#include "firmware/boards/first_service.hpp"
#include "firmware/core/auto_zero.hpp"
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/gen2_installation.hpp"
#include "firmware/hal/board.hpp"

int main() {
    board::start();
    board::watch_store_switch();
    static bms::CalibrationKeeper calibration{bms::SavedCalibration::find(board::read_eeprom)};
    static bms::Gen2Installation installation{bms::SavedHiddenSettings::find(board::read_eeprom),
                                              board::store_switch_on()};
    static bms::CellNode cell{board::now()};
    static bms::ChainOrigin origin{board::now()};
    static bms::AutoZero zero;
    static FirstService service{calibration};
    const auto current = [](uint8_t sensor) {
        return bms::sensor_current(board::sensor_samples(sensor), zero.of(sensor, calibration.value()),
                                   installation.blind_spot());
    };

    for (;;) {
        const bms::Ticks now = board::now();
        if (cell.step(now)) board::begin_sampling_with_sensors();

        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples, calibration);
            const bms::SensorSamples sensor_1 = board::sensor_samples(0), sensor_2 = board::sensor_samples(1);
            zero.sampled(sensor_1, sensor_2, installation.auto_zero(), calibration);
            service.sampled(samples, sensor_1, sensor_2);
            board::feed_watchdog();
        }

        if (installation.step(now, board::store_switch_on())) installation.store(board::read_switches());

        if (origin.due(now, calibration.value().clock_trim)) {
            if (installation.wants_switches()) installation.read(board::read_switches());
            const bms::Announcement told = installation.announcement();
            uint8_t message[bms::ChainFrame::size];
            origin.compose(told, current(0), current(1), cell.contribution(), message);
            board::send_message(message);
            cell.message(now, told.balance_voltage, told.fast);
        }

        service.step(now, origin);
        board::write_eeprom([](uint16_t& address, uint8_t& byte) {
            return installation.next(address, byte) || calibration.next(address, byte);
        });

        board::drive_bypass(cell.bypass(service.tests().conducts()));
        board::light_info(service.tests().light(bms::SelfTest::info_light, cell.lit()));
        board::sleep_until(
            service.due(now, origin, installation.due(bms::earlier(cell.due(), origin.next()))));
    }
}
