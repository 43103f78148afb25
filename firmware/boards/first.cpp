// SPDX-License-Identifier: BSD-2-Clause
// The board at pack minus: reads switches and current sensors, starts the messages.
#include "firmware/boards/first_service.hpp"
#include "firmware/core/announcement.hpp"
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/current_sensor.hpp"
#include "firmware/core/switches.hpp"
#include "firmware/core/zero_calibration.hpp"
#include "firmware/hal/board.hpp"

namespace {

int16_t current(uint8_t sensor, const bms::Calibration& calibration) {
    return bms::sensor_current(board::sensor_samples(sensor), calibration.sensors[sensor]);
}

}  // namespace

int main() {
    board::start();
    board::watch_button();
    static bms::CalibrationKeeper calibration{bms::SavedCalibration::find(board::read_eeprom)};
    static bms::CellNode cell{board::now()};
    static bms::ChainOrigin origin{board::now()};
    static bms::SwitchDebounce debounce;
    static bms::ZeroCalibration zero;
    static FirstService service{calibration};

    for (;;) {
        const bms::Ticks now = board::now();
        if (cell.step(now)) board::begin_sampling_with_sensors();

        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples, calibration);
            const bms::SensorSamples sensor_1 = board::sensor_samples(0), sensor_2 = board::sensor_samples(1);
            zero.sampled(sensor_1, sensor_2);
            service.sampled(samples, sensor_1, sensor_2);
            board::feed_watchdog();
        }

        if (origin.due(now, calibration.value().clock_trim)) {
            const bms::Announcement told = bms::announcement(debounce.update(board::read_switches()));
            uint8_t message[bms::ChainFrame::size];
            origin.compose(told, current(0, calibration.value()), current(1, calibration.value()),
                           cell.contribution(), message);
            board::send_message(message);
            cell.message(now, told.balance_voltage);
        }

        service.step(now, origin);
        zero.step(now, board::button_pressed(), calibration);
        board::write_eeprom([](uint16_t& address, uint8_t& byte) { return calibration.next(address, byte); });

        board::drive_bypass(cell.bypass(service.tests().conducts()));
        const bool lit = zero.flashing() ? zero.lit(now) : cell.lit();
        board::light_info(service.tests().light(bms::SelfTest::info_light, lit));
        board::sleep_until(service.due(now, origin, zero.due(now, bms::earlier(cell.due(), origin.next()))));
    }
}
