// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "firmware/core/pack.hpp"

namespace bms {

/// A pack of four cells whose messages arrive once a second, each as `frame` says.
struct PackUnderTest {
    Ticks now = 10;
    Pack pack;
    ChainFrame frame{};

    explicit PackUnderTest(const Settings& settings = {}, bool settings_lost = false,
                           const Pack::Resumed& resumed = {})
        : pack{now, settings, settings_lost, resumed} {
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
        return pack.message(now, frame);
    }
    void messages(int count) {
        while (count-- > 0)
            message();
    }
    void silence(int seconds) {
        while (seconds-- > 0)
            pack.step(now += ticks_per_second);
    }

    /// How many messages until a relay is as wanted; `most` if it never is.
    int messages_until_charge(bool allowed, int most = 100) {
        int count = 0;
        while (count < most && pack.charge_allowed() != allowed)
            message(), ++count;
        return count;
    }
    int messages_until_load(bool allowed, int most = 100) {
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

}  // namespace bms
