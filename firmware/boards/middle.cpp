// SPDX-License-Identifier: BSD-2-Clause
// A board between: adds its cell to each message that passes.
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/fresh_messages.hpp"
#include "firmware/core/service_desk.hpp"
#include "firmware/hal/board.hpp"

int main() {
    board::start();
    static bms::CalibrationKeeper calibration{bms::SavedCalibration::find(board::read_eeprom)};
    static bms::CellNode cell{board::now()};
    static bms::FreshMessages messages;
    static bms::ServiceDesk desk{bms::BoardRole::middle, calibration};
    static bms::ServiceMail mail;

    for (;;) {
        const bms::Ticks now = board::now();
        board::Message message;
        if (board::message_passed(message) && messages.fresh(message.sequence))
            cell.message(now, message.balance_voltage, message.fast);

        if (cell.step(now)) board::begin_sampling();

        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples, calibration);
            desk.sampled(samples);
            board::contribute(cell.contribution());
            board::feed_watchdog();
        }

        bms::ServiceRequest request;
        if (board::service_requested(request) && mail.receive(now, request, desk))
            board::answer_service(mail.answer());
        desk.step(now);

        board::write_eeprom([](uint16_t& address, uint8_t& byte) { return calibration.next(address, byte); });

        board::drive_bypass(cell.bypass(desk.tests().conducts()));
        board::light_info(desk.tests().light(bms::SelfTest::info_light, cell.lit()));
        board::sleep_until(desk.due(cell.due()));
    }
}
