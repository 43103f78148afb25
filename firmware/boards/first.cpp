// SPDX-License-Identifier: BSD-2-Clause
// The board at pack minus: reads switches and current sensors, starts the messages.
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/current_sensor.hpp"
#include "firmware/core/service_desk.hpp"
#include "firmware/core/service_entry.hpp"
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
    static bms::ServiceEntry entry;
    static bms::ServiceDesk desk{bms::BoardRole::first, calibration};
    static bms::ServiceMail mail;

    for (;;) {
        const bms::Ticks now = board::now();
        if (cell.step(now)) board::begin_sampling_with_sensors();

        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples, calibration);
            const bms::SensorSamples sensors[] = {board::sensor_samples(0), board::sensor_samples(1)};
            zero.sampled(sensors[0], sensors[1]);
            desk.sampled(samples);
            desk.sampled(0, sensors[0]);
            desk.sampled(1, sensors[1]);
        }

        if (origin.due(now, calibration.value().clock_trim)) {
            const bms::Switches switches = debounce.update(board::read_switches());
            uint8_t message[bms::ChainFrame::size];
            origin.compose(switches, current(0, calibration.value()), current(1, calibration.value()),
                           cell.contribution(), message);
            board::send_message(message);
            cell.message(now, switches.balance_voltage());
            board::feed_watchdog();
        }

        uint8_t service[bms::ServiceFrame::size];
        if (board::service_heard(service)) entry.heard(service);
        if (entry.step(now, origin, service)) board::send_message(service);
        bms::ServiceRequest request;
        if (entry.take_request(request) && mail.receive(now, request, desk)) entry.answer(mail.answer());
        desk.step(now);

        zero.step(now, board::button_pressed(), calibration);
        board::write_eeprom([](uint16_t& address, uint8_t& byte) { return calibration.next(address, byte); });

        board::drive_bypass(cell.bypass(desk.tests().conducts()));
        board::light_info(
            desk.tests().light(bms::SelfTest::info_light, zero.flashing() ? zero.lit(now) : cell.lit()));
        board::sleep_until(
            desk.due(entry.due(now, origin, zero.due(now, bms::earlier(cell.due(), origin.next())))));
    }
}
