// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/ext_report.hpp"

#include <catch2/catch.hpp>

#include <vector>

#include "tests/firmware/pack_under_test.hpp"

using bms::PackUnderTest;

namespace {

struct Reporting : PackUnderTest {
    bms::ExtReport report;
    using PackUnderTest::PackUnderTest;
    bms::ExtFrame next() { return report.next(pack, false, false); }
    bms::ExtFrame after_message() {
        message();
        return next();
    }
};

}  // namespace

TEST_CASE("before any message there are two cells and the last one is our own", "[firmware][ext]") {
    Reporting test;
    bms::Contribution own;
    own.voltage = 655;
    own.temperature = 100;
    test.pack.own_cell(own);
    for (int i = 0; i < 4; ++i) {
        const auto frame = test.next();
        CHECK(frame.count == 2);
        CHECK(frame.cell == i % 2 + 1);
        CHECK(frame.cell_voltage == (frame.cell == 2 ? 655 : 0));
        CHECK(frame.i1.sign == 'X');
        CHECK(frame.battery.sign == 'X');
        CHECK(frame.status == bms::status1::soc_uncalibrated);
    }
}

TEST_CASE("cells are reported in turn, one per frame", "[firmware][ext]") {
    Reporting test;
    test.messages(1);
    std::vector<int> cells;
    for (int i = 0; i < 9; ++i) {
        const auto frame = test.after_message();
        CHECK(frame.count == 4);
        CHECK(frame.cell_voltage == 660);
        cells.push_back(frame.cell);
    }
    CHECK(cells == std::vector<int>{2, 3, 4, 1, 2, 3, 4, 1, 2});
}

TEST_CASE("keys rise from 0 to 18 and begin again", "[firmware][ext]") {
    Reporting test;
    for (int i = 0; i < 40; ++i)
        CHECK(test.after_message().key_byte == 25 + i % 19);
}

TEST_CASE("each key has its value", "[firmware][ext]") {
    bms::Settings settings;
    settings.v_low = 0x0256;
    settings.v_nominal = 0x0287;
    settings.v_full = 0x02A9;
    Reporting test{settings};
    std::vector<int> values;
    for (int i = 0; i < 19; ++i) {
        test.message();
        values.push_back(test.report.next(test.pack, true, false).value);
    }
    CHECK(values[0] == 100);
    CHECK(values[2] == 0x02);
    CHECK(values[3] == 0x56);
    CHECK(values[4] == 0x02);
    CHECK(values[5] == 0x87);
    CHECK(values[6] == (bms::version_major << 4 | bms::version_minor));
    CHECK(values[7] == bms::version_patch);
    CHECK(values[16] == bms::status2::charge_relay_active);
    CHECK(values[17] == 0x02);
    CHECK(values[18] == 0xA9);
}

TEST_CASE("a value of several bytes never tears", "[firmware][ext]") {
    Reporting test;
    for (int key = 0; key < 4; ++key)
        test.after_message();
    REQUIRE(test.set(bms::app_address::v_nominal, 0x02FF) == bms::Refusal::none);
    CHECK(test.after_message().value == 0x02);
    REQUIRE(test.set(bms::app_address::v_nominal, 0x0301) == bms::Refusal::none);
    CHECK(test.after_message().value == 0xFF);
}

TEST_CASE("currents are shown in 0.125 A to the nearest, the battery's from the unrounded",
          "[firmware][ext]") {
    Reporting test;
    test.frame.i1 = 440;  // 22 A
    auto frame = test.after_message();
    CHECK(frame.i1.sign == '+');
    CHECK(frame.i1.magnitude == 176);
    CHECK(frame.i2.sign == 'X');
    CHECK(frame.i2.magnitude == 0);
    CHECK(frame.battery.magnitude == 176);

    test.frame.i1 = -1;  // 50 mA
    test.frame.i2 = 1;
    frame = test.after_message();
    CHECK(frame.i1.sign == '+');
    CHECK(frame.i1.magnitude == 0);
    CHECK(frame.battery.sign == '-');
    CHECK(frame.battery.magnitude == 1);

    test.frame.i1 = test.frame.i2 = bms::ChainFrame::current_absent;
    CHECK(test.after_message().battery.sign == 'X');
}

TEST_CASE("the sensor type scales what is shown", "[firmware][ext]") {
    Reporting test;
    test.frame.i1 = 400;
    test.set(bms::app_address::sensor_type, bms::SensorType::turns_2);
    CHECK(test.after_message().i1.magnitude == 80);
    test.set(bms::app_address::sensor_type, bms::SensorType::turns_4);
    CHECK(test.after_message().i1.magnitude == 40);
}

TEST_CASE("under E the last good cells are shown, no currents, and both permissions off", "[firmware][ext]") {
    Reporting test;
    test.current(10);
    test.messages(20);
    test.silence(5);
    const auto frame = test.next();
    CHECK(frame.status == (bms::status1::communication_error | bms::status1::soc_uncalibrated));
    CHECK(frame.i1.sign == 'X');
    CHECK(frame.battery.sign == 'X');
    CHECK(frame.lowest_voltage == 660);
    CHECK(frame.count == 4);
}

TEST_CASE("the extremes and settings are where the frame has them", "[firmware][ext]") {
    Reporting test;
    test.cells(3200, 3350);
    test.temperatures(-5, 40);
    const auto frame = test.after_message();
    CHECK(frame.pack_voltage == 2 * 640 + 2 * 670);
    CHECK(frame.lowest_voltage == 640);
    CHECK(frame.lowest_voltage_cell == 2);
    CHECK(frame.highest_voltage == 670);
    CHECK(frame.highest_voltage_cell == 3);
    CHECK(bms::temperature_degc(frame.lowest_temperature) == -5);
    CHECK(frame.lowest_temperature_cell == 1);
    CHECK(bms::temperature_degc(frame.highest_temperature) == 40);
    CHECK(frame.highest_temperature_cell == 4);
    CHECK(frame.capacity_100wh == 40);
    CHECK(frame.v_min == 580);
    CHECK(frame.v_max == 740);
    CHECK(frame.balance_voltage == 680);
    CHECK(frame.soc_percent == 50);
    CHECK(frame.stored_wh == 2000);
}

TEST_CASE("frames follow the messages, and go on at their pace without them", "[firmware][ext]") {
    bms::ExtSchedule schedule{0};
    std::vector<double> sent;
    for (bms::Ticks now = 1; now < bms::seconds(12); ++now) {
        if (now % 1800 == 900 && now < bms::seconds(5)) schedule.message(now);
        if (schedule.step(now)) sent.push_back(now / 1800.0);
    }
    REQUIRE(sent.size() == 12);
    CHECK(sent[0] == Approx(0.5));
    CHECK(sent[4] == Approx(4.5));
    CHECK(sent[5] == Approx(5.6));
    CHECK(sent[6] == Approx(6.6));
    CHECK(sent[11] == Approx(11.6));
}

TEST_CASE("a message too soon after a frame waits for the silence that readers need", "[firmware][ext]") {
    bms::ExtSchedule schedule{0};
    schedule.message(100);
    REQUIRE(schedule.step(100));
    schedule.message(200);
    bms::Ticks now = 200;
    while (!schedule.step(now))
        ++now;
    CHECK((now - 100) / 1.8 >= 411);
    CHECK((now - 100) / 1.8 <= 420);
}
