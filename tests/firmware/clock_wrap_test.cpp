// SPDX-License-Identifier: GPL-3.0-or-later
// The boards' clock wraps after 27 days: what they do then is what they do at any other time.
#include <catch2/catch.hpp>
#include <string>

#include "firmware/core/button_hold.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/energy_keeper.hpp"
#include "firmware/core/ext_report.hpp"
#include "firmware/core/pin_lock.hpp"
#include "firmware/core/relay_flash.hpp"
#include "firmware/core/relay_pulses.hpp"
#include "tests/firmware/pack_under_test.hpp"

namespace {

constexpr bms::Ticks second = bms::ticks_per_second;

/// All boards' parts that know a time, from power-up on, asked every 1/20 s for `seconds`: a line for every
/// change of what they say, with the ticks that had passed by then.
std::string story(bms::Ticks begun, int seconds) {
    bms::PackUnderTest boards({}, false, {}, begun);
    bms::ChainOrigin origin{begun};
    bms::CellNode cell{begun};
    bms::RelayPulses pulses{begun};
    bms::RelayFlash flash{begun};
    bms::ExtSchedule schedule{begun};
    bms::EnergyKeeper keeper{begun, {}};
    bms::PinLock lock;
    bms::ButtonHold button;

    std::string told, last;
    for (int step = 0; step < 20 * seconds; ++step) {
        const int s = step / 20;
        const bms::Ticks now = boards.now = begun + static_cast<bms::Ticks>(step) * (second / 20);
        std::string now_said;
        const auto say = [&now_said](auto value) { now_said += std::to_string(value) + ' '; };
        // A cell far above V-max for a while, later no messages, later a cell below V-min.
        boards.cells(s > 200 && s < 210 ? 2500 : 3300, s > 60 && s < 70 ? 4000 : 3450);
        if (step % 50 == 0 && s > 100 && s < 104) lock.wrong_pin(now);
        const bool sends = origin.due(now, 0);
        if (sends && !(s > 130 && s < 150)) {
            boards.frame.sequence++;
            boards.pack.message(now, boards.frame);
            cell.message(now, boards.frame.balance_voltage);
            schedule.message(now);
            flash.message(now);
        }
        boards.pack.step(now);
        const bool samples = cell.step(now);
        if (samples) cell.sampled(now, {690 * 16, 375 * 4}, {});
        lock.step(now);
        const bool sent = schedule.step(now);
        if (sent) keeper.step(now, boards.pack.energy_state(), 40);
        std::uint16_t address = 0;
        std::uint8_t byte = 0;
        say(sends);
        say(samples);
        say(sent);
        say(keeper.next(address, byte) ? address : 0);
        say(static_cast<int>(
            pulses.step(now, boards.pack.charge_allowed(), boards.pack.load_allowed(), 3300 / 5)));
        say(boards.pack.status1());
        say(flash.step(now));
        say(cell.bypass());
        say(cell.lit());
        say(lock.locked());
        say(button.step(now, s > 30 && s < 40));
        if (now_said != last) told += std::to_string(now - begun) + ": " + now_said + '\n';
        last = now_said;
    }
    return told;
}

}  // namespace

TEST_CASE("boards do at the wrap of their clock what they do at any other time", "[firmware][clock]") {
    constexpr int seconds = 400;
    const std::string usual = story(10, seconds);
    CHECK(usual.size() > 10'000);

    for (const int into : {2, 29, 33, 61, 64, 75, 90, 103, 131, 136, 152, 201, 204, 215, 260}) {
        CAPTURE(into);
        CHECK(story(0u - static_cast<bms::Ticks>(into) * second - 7, seconds) == usual);
    }
}
