// SPDX-License-Identifier: BSD-2-Clause
// The board at pack plus: decides from the messages who may charge and discharge, and tells.
#include "firmware/core/app_link.hpp"
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/energy_keeper.hpp"
#include "firmware/core/ext_report.hpp"
#include "firmware/core/last_button.hpp"
#include "firmware/core/pack.hpp"
#include "firmware/core/radio_lines.hpp"
#include "firmware/core/relay_flash.hpp"
#include "firmware/core/relay_pulses.hpp"
#include "firmware/core/settings_saver.hpp"
#include "firmware/hal/board.hpp"

namespace {

#ifdef BMS_STREAM_WITHOUT_PIN
constexpr bool stream_needs_pin = false;
#else
constexpr bool stream_needs_pin = true;
#endif

bms::Pack::Resumed relays_left_on() {
    const board::RelaysBeforeReset before = board::relays_before_reset();
    bms::Pack::Resumed resumed;
    resumed.any = board::reset_by_watchdog_or_brown_out() && before.known;
    resumed.charge = before.charge;
    resumed.load = before.load;
    return resumed;
}

/// A message is returned; what service frames say goes to the app link, and no further.
bool message_arrived(bms::ChainFrame& frame, bms::AppService& service) {
    uint8_t bytes[bms::ChainFrame::size];
    if (!board::frame_arrived(bytes)) return false;
    if (bms::decode(bytes, frame)) return true;
    bms::ServiceFrame end_of_line;
    if (bms::decode(bytes, end_of_line)) service.arrived(end_of_line);
    return false;
}

void send(const bms::ExtFrame& frame) {
    uint8_t bytes[bms::ExtFrame::size];
    bms::encode(frame, bytes);
    board::send_ext(bytes);
}

void answer_app(bms::AppLink& app, bms::Pack& pack, bms::SettingsSaver& saver) {
    char character;
    while (board::app_has_room(bms::AppText::room) && board::app_received(character)) {
        if (!app.receive(character)) continue;
        const bms::AppText& answer = app.answer(pack);
        board::app_send(answer.characters(), answer.length());
    }
    if (pack.take_changed()) saver.changed();
}

void mind_radio(bms::Ticks now, bms::LastButton::Press press, bms::RadioLines& radio) {
    using Press = bms::LastButton::Press;
    radio.step(now);
    if ((press == Press::held && bms::Profile::hold_reconfigures_radio) || press == Press::at_power_up)
        radio.reconfigure(now);
    else if (press == Press::brief && bms::Profile::press_restarts_radio)
        radio.restart(now);
    board::drive_radio(radio.reset(), radio.configure());
}

/// Whole records only, so that no answer comes between.
void stream_to_app(bms::AppLink& app, const bms::Pack& pack) {
    while (board::app_has_room(bms::AppStream::longest_record)) {
        const bms::AppText* record = app.record(pack);
        if (record == nullptr) return;
        board::app_send(record->characters(), record->length());
    }
}

void restore_lock(bms::PinLock& lock) {
    uint8_t kept[2];
    board::read_eeprom(bms::PinLock::kept_at, kept, sizeof kept);
    lock.restore(board::now(), kept[0], kept[1]);
}

}  // namespace

int main() {
    board::start();
    board::watch_button();
    static const bms::SavedSettings saved = bms::SavedSettings::find(board::read_eeprom);
    static bms::Pack pack{board::now(), saved.value, saved.state == bms::SavedSettings::State::lost,
                          relays_left_on()};
    const bms::EnergyRing kept = bms::EnergyRing::find(board::read_eeprom);
    if (kept.any) pack.restore(kept.newest);
    static bms::EnergyKeeper keeper{board::now(), kept};
    static bms::CalibrationKeeper calibration{bms::SavedCalibration::find(board::read_eeprom)};
    static bms::CellNode cell{board::now()};
    static bms::RelayPulses relays{board::now()};
    static bms::RelayFlash flash{board::now()};
    static bms::ExtSchedule schedule{board::now()};
    static bms::ExtReport report;
    static bms::AppLink app{board::reset_cause(), stream_needs_pin};
    restore_lock(app.lock());
    static bms::ServiceDesk desk{bms::BoardRole::last, calibration};
    static bms::ServiceMail mail;
    static bms::AppService service{desk};
    app.connect(service);
    static bms::LastButton button{board::powered_up()};
    static bms::RadioLines radio;
    static bms::SettingsSaver saver;
    if (saved.copies_differ) saver.changed();

    for (;;) {
        const bms::Ticks now = board::now();
        bms::ChainFrame frame;
        if (message_arrived(frame, service) && pack.message(now, frame)) {
            cell.message(now, frame.balance_voltage, frame.fast);
            schedule.message(now, frame.fast);
            flash.message(now);
        }
        pack.trim_clock(calibration.value().clock_trim);
        pack.step(now);

        if (cell.step(now)) board::begin_sampling();
        bms::CellSamples samples;
        if (board::sampled(samples)) {
            cell.sampled(now, samples, calibration);
            desk.sampled(samples);
            board::contribute(cell.contribution());
            pack.own_cell(cell.contribution());
            board::feed_watchdog();
        }

        // A self-test can open a relay that the rules allow, and nothing else.
        desk.step(now);
        const bms::SelfTest& tests = desk.tests();
        board::energise(relays.step(now, pack.charge_allowed() && !tests.opens_charge(),
                                    pack.load_allowed() && !tests.opens_load(), cell.contribution().voltage));
        const bms::Pack::Resumed after_reset = pack.to_resume();
        board::remember_relays(after_reset.charge, after_reset.load);

        if (schedule.step(now)) {
            send(report.next(pack, relays.charge_active(), relays.load_active()));
            keeper.step(now, pack.energy_state(), pack.settings().capacity);
            app.message();
        }

        desk.relays_allowed(pack.charge_allowed(), pack.load_allowed());
        bms::ServiceRequest request;
        if (board::service_requested(request) && mail.receive(now, request, desk))
            board::answer_service(mail.answer());

        const bms::LastButton::Press press = button.step(now, board::button_pressed());
        if (press == bms::LastButton::Press::held) {
            pack.reset_pin();
            app.lock().clear();
        }
        mind_radio(now, press, radio);
        app.step(now);
        answer_app(app, pack, saver);
        stream_to_app(app, pack);
        board::write_eeprom([](uint16_t& address, uint8_t& byte) {
            return app.lock().next(address, byte) || saver.next(pack.settings(), address, byte) ||
                   keeper.next(address, byte) || calibration.next(address, byte);
        });

        const bool blink = flash.step(now);
        board::light_charge(tests.light(bms::SelfTest::charge_light, blink && relays.charge_active()));
        board::light_load(tests.light(bms::SelfTest::load_light, blink && relays.load_active()));
        board::drive_bypass(cell.bypass(tests.conducts()));
        const bool flashes =
            bms::Profile::info_flashes_while_relays_on || !(relays.charge_active() || relays.load_active());
        board::light_info(tests.light(bms::SelfTest::info_light, cell.lit(flashes)));

        board::sleep_until(desk.due(app.lock().due(button.due(radio.due(flash.due(bms::earlier(
            bms::earlier(cell.due(), pack.due()), bms::earlier(relays.due(now), schedule.due()))))))));
    }
}
