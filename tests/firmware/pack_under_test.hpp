// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <catch2/catch.hpp>

#include "firmware/core/pack.hpp"

namespace bms {

/// What messages_until_…() answer when it did not happen.
constexpr int never = 100;

/// A pack of four cells whose messages arrive once a second, each as `frame` says.
struct PackUnderTest {
    Ticks now;
    Pack pack;
    ChainFrame frame{};

    explicit PackUnderTest(const Settings& settings = {}, bool settings_lost = false,
                           const Pack::Resumed& resumed = {}, Ticks begun = 10)
        : now{begun}, pack{now, settings, settings_lost, resumed} {
        frame.hops = 4;
        frame.config = 0;
        frame.balance_voltage = 3400 / 5;
        frame.i2 = ChainFrame::current_absent;
        frame.lowest_voltage_cell = 2;
        frame.highest_voltage_cell = 3;
        frame.lowest_temperature_cell = 1;
        frame.highest_temperature_cell = 4;
        cells(3300);
        temperatures(25);
    }

    void cells(int millivolts) { cells(millivolts, millivolts); }
    void cells(int lowest_mv, int highest_mv) {
        frame.lowest_voltage = static_cast<std::uint16_t>(lowest_mv / 5);
        frame.highest_voltage = static_cast<std::uint16_t>(highest_mv / 5);
        frame.sum = 2u * frame.lowest_voltage + 2u * frame.highest_voltage;
    }
    void temperatures(int degc) { temperatures(degc, degc); }
    void temperatures(int lowest_degc, int highest_degc) {
        frame.lowest_temperature = chain_temperature(temperature_raw(static_cast<std::int16_t>(lowest_degc)));
        frame.highest_temperature =
            chain_temperature(temperature_raw(static_cast<std::int16_t>(highest_degc)));
    }
    void current(double amperes) { frame.i1 = static_cast<std::int16_t>(amperes * 20); }

    bool message() {
        now += Profile::message_period;
        pack.step(now);
        ++frame.sequence;
        frame.turn = static_cast<std::uint8_t>(frame.turn % 4 + 1);
        frame.turn_voltage = frame.lowest_voltage;
        frame.turn_temperature = frame.lowest_temperature;
        const bool fresh = pack.message(now, frame);
        pack.step(now);
        return fresh;
    }
    void messages(int count) {
        while (count-- > 0)
            message();
    }
    void silence(int seconds) {
        while (seconds-- > 0)
            pack.step(now += ticks_per_second);
    }

    /// How many messages until a relay is as wanted, at most `most`.
    int messages_until_charge(bool allowed, int most = never) {
        int count = 0;
        while (count < most && pack.charge_allowed() != allowed)
            message(), ++count;
        return count;
    }
    int messages_until_load(bool allowed, int most = never) {
        int count = 0;
        while (count < most && pack.load_allowed() != allowed)
            message(), ++count;
        return count;
    }
    bool status(std::uint8_t bit) const { return (pack.status1() & bit) != 0; }
    Refusal set(std::uint16_t address, int value) {
        return pack.write(address, static_cast<std::uint16_t>(value));
    }
};

/// A pack that runs, with both relays allowed.
struct Running : PackUnderTest {
    explicit Running(const Settings& settings = {}) : PackUnderTest(settings) {
        messages(45);  // past boot and any rest
        REQUIRE(pack.charge_allowed());
        REQUIRE(pack.load_allowed());
    }
};

inline Settings critical() {
    Settings settings;
    settings.critical_mode = 1;
    return settings;
}

/// A pack whose count is calibrated, 100 % full, and allowed to charge again.
struct Calibrated : Running {
    Calibrated() {
        cells(3400);
        messages(30);
        REQUIRE(pack.soc().calibrated());
        cells(3300);
        current(-100);
        while (pack.soc().percent(pack.settings()) > 90)
            message();
        current(0);
        messages(50);
        REQUIRE(pack.charge_allowed());
    }
    void discharge_to(int percent) {
        current(-100);
        while (pack.soc().percent(pack.settings()) > percent)
            message();
        current(0);
    }
    void charge_to(int percent) {
        current(100);
        while (pack.soc().percent(pack.settings()) < percent)
            message();
        current(0);
    }
};

}  // namespace bms
