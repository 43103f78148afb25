// SPDX-License-Identifier: GPL-3.0-or-later
// What generation 2's messages say beside the cells, and what the last board makes of it.
#include <catch2/catch.hpp>

#include "firmware/core/app_link.hpp"
#include "firmware/core/cell_node.hpp"
#include "firmware/core/chain_relay.hpp"
#include "firmware/core/ext_report.hpp"
#include "tests/firmware/pack_under_test.hpp"

using bms::PackUnderTest;

namespace at = bms::app_address;

namespace {

/// A pack of four cells whose first board expects up to 8, with 100 A sensors.
struct Gen2 : PackUnderTest {
    explicit Gen2(const bms::Settings& settings = {}, bool lost = false) : PackUnderTest(settings, lost) {
        config(1, 2, false);
    }
    void config(int count_code, int sensor_type, bool critical) {
        frame.config = static_cast<std::uint8_t>(count_code | sensor_type << 4 | (critical ? 0x80 : 0));
    }
};

}  // namespace

TEST_CASE("the number of cells in the list is the most that fit", "[firmware][gen2][count]") {
    const int list[] = {4, 8, 12, 16, 20, 24, 28, 32, 48, 64, 80, 96, 128, 156, 204, 255};
    for (std::uint8_t code = 0; code < 16; ++code) {
        const auto range = bms::count_range(code);
        CHECK(range.least == 2);
        CHECK(range.most == list[code]);
    }
}

TEST_CASE("more cells than configured raise E, fewer do not", "[firmware][gen2][count]") {
    Gen2 test;
    for (const int cells : {2, 8}) {
        Gen2 fits;
        fits.frame.hops = static_cast<std::uint8_t>(cells);
        fits.messages(20);
        CHECK_FALSE(fits.pack.communication_error());
    }
    test.frame.hops = 9;
    test.messages(11);
    CHECK(test.pack.communication_error());
}

TEST_CASE("lost hidden settings raise E until they are set anew", "[firmware][gen2][count]") {
    Gen2 test;
    test.messages(20);
    REQUIRE(test.pack.charge_allowed());
    test.frame.settings_lost = true;
    test.messages(1);
    CHECK(test.pack.communication_error());
    CHECK_FALSE(test.pack.charge_allowed());
    CHECK_FALSE(test.pack.load_allowed());
    test.frame.settings_lost = false;
    test.messages(3);
    CHECK_FALSE(test.pack.communication_error());
}

TEST_CASE("lost settings of the last board are E until the app has confirmed", "[firmware][gen2][settings]") {
    Gen2 test{{}, true};
    test.messages(60);
    CHECK(test.pack.communication_error());
    CHECK((test.pack.status1() & bms::status1::communication_error) != 0);
    CHECK_FALSE(test.pack.load_allowed());
    REQUIRE(test.set(at::capacity, 50) == bms::Refusal::none);
    CHECK_FALSE(test.pack.communication_error());
    CHECK(test.messages_until_load(true) < 20);
}

TEST_CASE("switch 5 chooses critical mode", "[firmware][gen2][relays]") {
    Gen2 test;
    test.config(1, 2, true);
    test.messages(45);
    test.cells(3400);
    test.messages(60);
    CHECK(test.pack.charge_allowed());
    test.config(1, 2, false);
    CHECK(test.messages_until_charge(false) == 1);
}

TEST_CASE("what the app cannot set is refused", "[firmware][gen2][settings]") {
    Gen2 test;
    for (const auto address :
         {at::t_min_discharge, at::sensor_type, at::critical_mode, at::charge_forced_off, at::load_forced_off,
          at::chemistry, at::tail_current, at::v_low, at::v_nominal, at::v_full})
        CHECK(test.set(address, 1) == bms::Refusal::address);
    CHECK(test.set(at::v_min, 1995 / 5) == bms::Refusal::range);
    CHECK(test.set(at::v_min, 2000 / 5) == bms::Refusal::none);
}

TEST_CASE("the screenshot's defaults", "[firmware][gen2][settings]") {
    const bms::Settings settings;
    CHECK(settings.v_min == 2700 / 5);
    CHECK(settings.v_max == 3600 / 5);
    CHECK(settings.t_min_charge == bms::temperature_raw(10));
    CHECK(settings.t_max == bms::temperature_raw(80));
    CHECK(settings.charge_restart == 95);
    CHECK(settings.discharge_restart == 5);
    CHECK(settings.capacity == 40);
}

TEST_CASE("EXT shows every sensor type in 0.125 A, and saturates", "[firmware][gen2][ext]") {
    Gen2 test;
    bms::ExtReport report;
    const int rated[] = {25, 50, 100, 250, 400, 500, 1000, 2000};
    for (int type = 0; type < 8; ++type) {
        test.config(1, type, false);
        test.frame.i1 = 200;
        test.frame.i2 = -100;
        test.messages(4);
        const auto frame = report.next(test.pack, false, false);
        CHECK(frame.i1.magnitude == rated[type] * 8);
        CHECK(frame.i2.sign == '-');
        CHECK(frame.i2.magnitude == rated[type] * 4);
        CHECK(frame.battery.magnitude == rated[type] * 12);
    }
    test.frame.i1 = 450;
    test.frame.i2 = -450;
    test.messages(1);
    CHECK(report.next(test.pack, false, false).battery.magnitude == 0xFFFF);
}

TEST_CASE("EXT tells the clock in place of key and value", "[firmware][gen2][ext]") {
    Gen2 test;
    bms::ExtReport report;
    REQUIRE(test.set(at::clock, 23 << 8 | 59) == bms::Refusal::none);
    test.messages(1);
    auto frame = report.next(test.pack, true, true);
    CHECK(frame.key_byte == 23);
    CHECK(frame.value == 59);
    test.messages(60);
    frame = report.next(test.pack, true, true);
    CHECK(frame.key_byte == 0);
    CHECK(frame.value == 0);
}

TEST_CASE("energy counts the same with either message period and every sensor type",
          "[firmware][gen2][energy]") {
    for (int type = 0; type < 8; ++type) {
        for (const bool fast : {false, true}) {
            Gen2 test;
            test.config(1, type, false);
            test.frame.fast = fast;
            test.cells(2500);
            test.frame.i1 = 200;
            REQUIRE(test.set(at::capacity, 0xFFFF) == bms::Refusal::none);
            for (int half_seconds = 0; half_seconds < 7200; half_seconds += fast ? 1 : 2)
                test.message();
            const std::uint32_t expected_wh =
                10 * (200 * bms::RatedSensorType{static_cast<std::uint8_t>(type)}.eighths_per_count()) / 8;
            CHECK(test.pack.energy().collected_today_wh() == expected_wh);
        }
    }
}

TEST_CASE("another sensor type makes no energy of what was left of the old one's",
          "[firmware][gen2][energy]") {
    Gen2 test;
    test.config(1, 0, false);  // 25 A: a quantum is small
    test.frame.i1 = 200;
    test.messages(8);
    REQUIRE(test.pack.energy().collected_today_wh() == 0);
    test.config(1, 7, false);  // 2000 A
    test.frame.i1 = 1;
    test.messages(2);
    CHECK(test.pack.energy().collected_today_wh() == 0);
}

TEST_CASE("after a reset by the watchdog relays stay for five periods of the messages that come",
          "[firmware][gen2][relays]") {
    for (const bool fast : {false, true}) {
        bms::Pack::Resumed on;
        on.any = on.charge = on.load = true;
        bms::Ticks now = 10;
        bms::Pack pack{now, {}, false, on};
        Gen2 from;
        from.frame.fast = fast;
        pack.message(now += 900, from.frame);  // the only one
        pack.step(10 + 5 * bms::message_period(fast) - 1);
        CHECK(pack.charge_allowed());
        pack.step(10 + 5 * bms::message_period(fast));
        CHECK_FALSE(pack.charge_allowed());
        CHECK_FALSE(pack.load_allowed());
    }
}

TEST_CASE("with fast messages a pack is full after 30 s, too", "[firmware][gen2][soc]") {
    for (const bool fast : {false, true}) {
        Gen2 test;
        test.frame.fast = fast;
        test.messages(90);
        test.cells(3400);
        CHECK(test.messages_until_charge(false) == (fast ? 60 : 30));
    }
}

TEST_CASE("a cell below V-min leaves the count alone, and may be charged", "[firmware][gen2][soc]") {
    Gen2 test;
    test.messages(45);
    test.cells(3400);
    test.messages(40);
    REQUIRE(test.pack.soc().calibrated());
    test.cells(2600, 3300);
    test.messages(60);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 100);
    CHECK_FALSE(test.pack.load_allowed());
    CHECK(test.pack.charge_allowed());
}

TEST_CASE("E comes after five periods of the message's own", "[firmware][gen2][alarm]") {
    for (const bool fast : {false, true}) {
        Gen2 test;
        test.frame.fast = fast;
        const bms::Ticks period = bms::message_period(fast);
        for (int i = 0; i < 30; ++i) {
            test.pack.step(test.now += period);
            ++test.frame.sequence;
            test.pack.message(test.now, test.frame);
        }
        test.pack.step(test.now + 5 * period - 1);
        CHECK_FALSE(test.pack.communication_error());
        test.pack.step(test.now + 5 * period);
        CHECK(test.pack.communication_error());
    }
}

TEST_CASE("after power-up E waits for ten periods of the messages that come", "[firmware][gen2][alarm]") {
    Gen2 test;
    test.frame.fast = true;
    test.frame.hops = 9;
    const bms::Ticks powered = test.now;
    while (!test.pack.communication_error() && test.now < powered + bms::seconds(20)) {
        test.pack.step(test.now += bms::message_period(true));
        ++test.frame.sequence;
        test.pack.message(test.now, test.frame);
    }
    CHECK(test.now == powered + bms::seconds(5));
}

TEST_CASE("balancing ends ten periods after the last message", "[firmware][gen2][cell]") {
    bms::CellSamples full;
    full.voltage = 700 * 16;
    full.temperature = 375 * 4;
    for (const bool fast : {false, true}) {
        const bms::Ticks ends = 10 * bms::message_period(fast);
        bms::Ticks now = 0;
        bms::CellNode node{now};
        node.message(now, 680, fast);
        int readings = 0;
        for (; now < ends; now = node.due()) {
            if (node.step(now)) {
                node.sampled(now, full, {});
                ++readings;
            }
            CHECK(node.balancing() == (readings > 0));
        }
        CHECK(readings >= 9);
        node.step(now);
        CHECK(now == ends);
        CHECK_FALSE(node.balancing());
    }
}

TEST_CASE("frames of EXT follow fast messages", "[firmware][gen2][ext]") {
    bms::ExtSchedule schedule{0};
    int sent = 0;
    for (bms::Ticks now = 1; now < bms::seconds(20); ++now) {
        if (now % 900 == 0 && now < bms::seconds(10)) schedule.message(now, true);
        if (schedule.step(now)) ++sent;
    }
    CHECK(sent >= 39);
}

TEST_CASE("a frame carries both bits beside the balance voltage", "[firmware][gen2][chain]") {
    bms::ChainFrame frame{};
    frame.balance_voltage = 4300 / 5;
    for (int bits = 0; bits < 4; ++bits) {
        frame.fast = (bits & 1) != 0;
        frame.settings_lost = (bits & 2) != 0;
        std::uint8_t bytes[bms::ChainFrame::size];
        bms::encode(frame, bytes);
        bms::ChainFrame read{};
        REQUIRE(bms::decode(bytes, read));
        CHECK(read.fast == frame.fast);
        CHECK(read.settings_lost == frame.settings_lost);
        CHECK(read.balance_voltage == 4300 / 5);

        bms::ChainRelay board;
        board.begin_frame();
        for (std::uint8_t& byte : bytes)
            board.receive(byte, true, byte);
        CHECK(board.fast() == frame.fast);
        CHECK(board.balance_voltage() == 4300 / 5);
    }
}

TEST_CASE("a sensor's counts stream in 0.125 A", "[firmware][gen2][stream]") {
    const int eighths[] = {1, 2, 4, 10, 16, 20, 40, 80};
    for (std::uint8_t code = 0; code < 8; ++code)
        CHECK(bms::RatedSensorType{code}.on_stream_grid(201) == 201u * static_cast<unsigned>(eighths[code]));
}
