// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "firmware/core/ext_status.hpp"
#include "tests/firmware/pack_under_test.hpp"

using bms::Calibrated;
using bms::critical;
using bms::never;
using bms::Running;
namespace at = bms::app_address;
namespace status1 = bms::status1;

TEST_CASE("a pack is full after 30 s at the balance voltage with little power", "[firmware][soc]") {
    Running test;
    test.cells(3400);
    SECTION("without current") {
        CHECK(test.messages_until_charge(false) == 30);
        CHECK(test.pack.soc().percent(test.pack.settings()) == 100);
        CHECK(test.pack.soc().calibrated());
        CHECK_FALSE(test.status(status1::v_max));
        CHECK(test.pack.load_allowed());
    }
    SECTION("at 5 % of the capacity per hour, 200 W") {
        test.current(14.7);
        CHECK(test.messages_until_charge(false) == 30);
    }
    SECTION("not at more") {
        test.current(14.75);
        CHECK(test.messages_until_charge(false) == never);
        CHECK_FALSE(test.pack.soc().calibrated());
    }
    SECTION("what the boards burn off does not count") {
        test.current(15.7);
        test.frame.balancing = 3;
        CHECK(test.messages_until_charge(false) == never);
        test.frame.balancing = 4;
        CHECK(test.messages_until_charge(false) == 30);
    }
    SECTION("with one cell below it is not") {
        test.cells(3395, 3450);
        CHECK(test.messages_until_charge(false) == never);
    }
    SECTION("a short dip costs little") {
        test.messages(20);
        test.cells(3395);
        test.messages(2);
        test.cells(3400);
        CHECK(test.messages_until_charge(false) == 11);
    }
}

TEST_CASE("with the cable through twice the same counts are half the power", "[firmware][soc]") {
    bms::Settings settings;
    settings.sensor_type = bms::SensorType::turns_2;
    Running test{settings};
    test.cells(3400);
    test.current(2 * 14.7);
    CHECK(test.messages_until_charge(false) == 30);
}

TEST_CASE("without any current sensor a full pack ends charging but is not calibrated", "[firmware][soc]") {
    Running test;
    test.frame.i1 = bms::ChainFrame::current_absent;
    test.cells(3400);
    CHECK(test.messages_until_charge(false) == 30);
    CHECK_FALSE(test.pack.soc().calibrated());
}

TEST_CASE("without balancing V-full stands in", "[firmware][soc]") {
    Running test;
    test.frame.balance_voltage = 0;
    test.cells(3395);
    CHECK(test.messages_until_charge(false) == never);
    test.cells(3400);
    CHECK(test.messages_until_charge(false) == 30);
}

TEST_CASE("a cell that stays at V-min for 15 s empties the count", "[firmware][soc]") {
    Running test;
    test.cells(2900, 3300);
    REQUIRE(test.messages_until_load(false) == 3);
    test.messages(14);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 50);
    test.messages(1);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 0);

    SECTION("and then the discharge restart holds, calibrated or not") {
        test.cells(3300);
        CHECK(test.messages_until_load(true) == never);
        test.current(100);
        CHECK(test.messages_until_load(true, 1000) < 1000);
        CHECK(test.pack.soc().percent(test.pack.settings()) >= 5);
    }
}

TEST_CASE("a pack whose count says full can be charged when a cell is empty", "[firmware][soc]") {
    Calibrated test;
    test.charge_to(98);
    test.cells(3300, 3700);
    test.messages_until_charge(false);
    test.cells(2900, 3300);
    CHECK(test.messages_until_charge(true) < 60);

    SECTION("even once the count says full again") {
        test.charge_to(98);
        test.cells(2900, 3700);
        test.messages_until_charge(false);
        test.cells(2900, 3300);
        CHECK(test.messages_until_charge(true) == 30);
    }
}

TEST_CASE("in critical mode the pack's voltage says full", "[firmware][critical]") {
    Running test{critical()};
    test.cells(3350, 3440);
    test.messages(60);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 50);
    test.cells(3350, 3450);
    test.messages(30);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 100);
}

TEST_CASE("currents add up as the sensors' arrows say", "[firmware][current]") {
    Running test;
    test.frame.i1 = 200;  // 10 A in
    test.frame.i2 = 100;  // 5 A out
    test.messages(3600);
    CHECK(test.pack.energy().collected_today_wh() == 132);
    CHECK(test.pack.energy().consumed_today_wh() == 66);
    CHECK(bms::StateOfCharge::battery_current(test.pack.last_message()) == 100);

    SECTION("one sensor alone counts both ways") {
        test.frame.i1 = -200;
        test.frame.i2 = bms::ChainFrame::current_absent;
        test.messages(3600);
        CHECK(test.pack.energy().consumed_today_wh() == 66 + 132);
        CHECK(bms::StateOfCharge::battery_current(test.pack.last_message()) == -200);
    }
}

TEST_CASE("the percentage stays when the capacity is set anew", "[firmware][soc]") {
    Running test;
    REQUIRE(test.set(at::capacity, 160) == bms::Refusal::none);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 50);
    CHECK(test.pack.soc().stored_wh() == 8000);
}

TEST_CASE("the count stays between empty and the capacity", "[firmware][soc]") {
    Running test;
    test.current(500);
    test.messages(3000);
    CHECK(test.pack.soc().stored_wh() == 4000);
    test.current(-500);
    test.messages(4000);
    CHECK(test.pack.soc().stored_wh() == 0);
}
