// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "firmware/core/ext_report.hpp"
#include "firmware/core/pack.hpp"
#include "tests/fuzz/feed.hpp"

namespace rig::fuzz {

/// What a first message of an ordinary pack of four could say, as it comes to the last board.
inline bms::ChainFrame ordinary_message() {
    bms::ChainFrame frame{};
    frame.hops = 4;
    frame.turn = 1;
    frame.i2 = bms::ChainFrame::current_absent;
    frame.balance_voltage = 3400 / 5;
    frame.lowest_voltage = frame.highest_voltage = 3300 / 5;
    frame.sum = 4 * 3300 / 5;
    frame.lowest_temperature = frame.highest_temperature = bms::chain_temperature(bms::temperature_raw(25));
    return frame;
}

/// A pack whose messages may hold anything, and what is true of it all the same.
class PackRules {
public:
    explicit PackRules(const bms::Settings& settings = {}, bool settings_lost = false,
                       const bms::Pack::Resumed& resumed = {})
        : pack(now, settings, settings_lost, resumed) {}

    void pass(bms::Ticks span) {
        now += span;
        pack.step(now);
        check();
    }

    void message(const bms::ChainFrame& frame) {
        if (!pack.message(now, frame)) return;
        pack.step(now);
        const bool good = frame.faulty_cell == 0 && bms::plausible_voltage(frame.lowest_voltage) &&
                          bms::plausible_voltage(frame.highest_voltage) && pack.heard() &&
                          pack.last_message().sequence == frame.sequence && !pack.communication_error();
        // In a row, which is faster than the leaky count of single ones.
        const auto count = [good](int& in_a_row, bool beyond) {
            in_a_row = good && beyond ? in_a_row + 1 : 0;
        };
        count(high_, frame.highest_voltage >= pack.settings().v_max);
        count(low_, frame.lowest_voltage <= pack.settings().v_min);
        count(hot_, bms::raw_temperature(frame.highest_temperature) > pack.settings().t_max);
        count(cold_, bms::raw_temperature(frame.lowest_temperature) < pack.settings().t_min_charge);
        check();
    }

    void settings_changed() { high_ = low_ = hot_ = cold_ = 0; }

    void check() {
        require(bms::valid(pack.settings()), "settings are valid");
        require(pack.soc().percent(pack.settings()) <= 100, "no more than 100 %");
        if (pack.communication_error())
            require(!pack.charge_allowed() && !pack.load_allowed(), "under E both relays are off");
        require(high_ < 2 || !pack.charge_allowed(), "V-max in two messages stops charging");
        require(low_ < 3 || !pack.load_allowed(), "V-min in three messages stops discharging");
        require(hot_ < 5 || (!pack.charge_allowed() && !pack.load_allowed()),
                "T-max in five messages stops both");
        require(cold_ < 5 || !pack.charge_allowed(), "T-min in five messages stops charging");
        check_ext();
    }

    bms::Ticks now = 1000;
    bms::Pack pack;

private:
    void check_ext() {
        const bms::ExtFrame frame = report_.next(pack, pack.charge_allowed(), pack.load_allowed());
        std::uint8_t bytes[bms::ExtFrame::size];
        bms::encode(frame, bytes);
        bms::ExtFrame back{};
        require(bms::decode(bytes, back), "EXT frames decode");
        require(frame.count >= 2 && frame.cell >= 1 && frame.cell <= frame.count,
                "EXT's cell is one of the pack");
        for (const bms::ExtCurrent& current : {frame.i1, frame.i2, frame.battery})
            require(
                current.sign == '+' || current.sign == '-' || (current.sign == 'X' && current.magnitude == 0),
                "EXT's currents have a sign, and X no magnitude");
        require((frame.status & bms::status1::communication_error) == 0 ||
                    (frame.status & ~bms::status1::soc_uncalibrated) == bms::status1::communication_error,
                "under E the status says nothing else");
    }

    bms::ExtReport report_;
    int high_ = 0, low_ = 0, hot_ = 0, cold_ = 0;
};

}  // namespace rig::fuzz
