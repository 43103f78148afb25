// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "firmware/core/ext_status.hpp"
#include "tests/firmware/pack_under_test.hpp"

using bms::Calibrated;
using bms::critical;
using bms::never;
using bms::PackUnderTest;
using bms::Running;
namespace at = bms::app_address;
namespace status1 = bms::status1;
namespace status2 = bms::status2;

TEST_CASE("after power-up both relays wait for ten good messages", "[firmware][relay]") {
    PackUnderTest test;
    CHECK_FALSE(test.pack.charge_allowed());
    CHECK_FALSE(test.pack.load_allowed());
    const int messages = test.messages_until_charge(true);
    CHECK(messages >= 10);
    CHECK(messages <= 13);
    CHECK(test.pack.load_allowed());
}

TEST_CASE("a cell at V-max ends charging with the second message, and only charging", "[firmware][relay]") {
    Running test;
    test.cells(3300, 3695);
    CHECK(test.messages_until_charge(false) == never);
    test.cells(3300, 3700);
    CHECK(test.messages_until_charge(false) == 2);
    CHECK(test.status(status1::v_max));
    test.messages(20);
    CHECK(test.pack.load_allowed());
}

TEST_CASE("a cell at V-min ends discharging with the third message, and only discharging",
          "[firmware][relay]") {
    Running test;
    test.cells(2905, 3300);
    CHECK(test.messages_until_load(false) == never);
    test.cells(2900, 3300);
    CHECK(test.messages_until_load(false) == 3);
    CHECK(test.status(status1::v_min));
    test.messages(8);
    CHECK(test.pack.charge_allowed());
}

TEST_CASE("temperatures act with the fifth message", "[firmware][relay]") {
    Running test;
    SECTION("a hot cell ends both") {
        test.temperatures(25, 80);
        CHECK(test.messages_until_charge(false) == never);
        test.temperatures(25, 81);
        CHECK(test.messages_until_charge(false) == 5);
        CHECK_FALSE(test.pack.load_allowed());
        CHECK(test.status(status1::t_max));
        CHECK_FALSE(test.status(status1::t_min));
    }
    SECTION("below T-min charge only charging ends") {
        test.temperatures(0, 25);
        CHECK(test.messages_until_charge(false) == never);
        test.temperatures(-1, 25);
        CHECK(test.messages_until_charge(false) == 5);
        test.messages(10);
        CHECK(test.pack.load_allowed());
        CHECK(test.status(status1::t_min));
        CHECK(test.pack.warnings2() == status2::below_t_min_charge);
    }
    SECTION("below T-min discharge both end") {
        test.temperatures(-20, 25);
        CHECK(test.messages_until_load(false) == never);
        test.temperatures(-21, 25);
        CHECK(test.messages_until_load(false) == 5);
        CHECK(test.pack.warnings2() == (status2::below_t_min_charge | status2::below_t_min_discharge));
    }
}

TEST_CASE("charging is allowed again after ten good messages in a row and 30 s of rest",
          "[firmware][relay]") {
    Running test;
    test.cells(3300, 3700);
    REQUIRE(test.messages_until_charge(false) == 2);

    SECTION("the rest counts from the off") {
        test.cells(3300);
        CHECK(test.messages_until_charge(true) == 30);
    }
    SECTION("after a long fault ten messages are enough") {
        test.messages(60);
        test.cells(3300);
        CHECK(test.messages_until_charge(true) == 10);
    }
    SECTION("one bad message starts the ten anew") {
        test.messages(60);
        test.cells(3300);
        test.messages(9);
        test.cells(3300, 3700);
        test.messages(1);
        test.cells(3300);
        CHECK(test.messages_until_charge(true) == 10);
    }
}

TEST_CASE("the ten messages of a way back are counted from the first one inside", "[firmware][relay]") {
    Running test;
    SECTION("after V-min, although its warning lasts longer") {
        REQUIRE(test.set(at::discharge_restart, 0) == bms::Refusal::none);
        test.cells(2900, 3300);
        test.messages_until_load(false);
        test.messages(60);
        test.cells(2905, 3300);
        CHECK(test.messages_until_load(true) == 10);
    }
    SECTION("after a temperature") {
        test.temperatures(25, 81);
        test.messages_until_charge(false);
        test.messages(60);
        test.temperatures(25, 80);
        CHECK(test.messages_until_charge(true) == 10);
        CHECK(test.pack.load_allowed());
        CHECK_FALSE(test.status(status1::t_max));
    }
}

TEST_CASE("charging stays forbidden while a cell is at the balance voltage or above", "[firmware][relay]") {
    Running test;
    test.cells(3300, 3700);
    test.messages_until_charge(false);
    test.cells(3300, 3400);
    CHECK(test.messages_until_charge(true) == never);
    test.cells(3300, 3395);
    CHECK(test.messages_until_charge(true) == 10);
}

TEST_CASE("in between, the relays keep their state", "[firmware][relay]") {
    Running test;
    test.cells(3300, 3600);
    CHECK(test.messages_until_charge(false) == never);
}

TEST_CASE("a calibrated pack is charged again below the charge restart", "[firmware][relay]") {
    Calibrated test;
    test.charge_to(97);
    test.cells(3300, 3700);
    test.messages_until_charge(false);
    test.cells(3300);
    CHECK(test.messages_until_charge(true) == never);
    test.discharge_to(95);
    CHECK(test.messages_until_charge(true) == never);
    test.discharge_to(94);
    CHECK(test.messages_until_charge(true) <= 10);
}

TEST_CASE("a calibrated pack may be used again from the discharge restart on", "[firmware][relay]") {
    Calibrated test;
    test.discharge_to(3);
    test.cells(2900, 3300);
    test.messages_until_load(false);
    test.cells(3200);
    CHECK(test.messages_until_load(true) == never);
    test.charge_to(5);
    CHECK(test.messages_until_load(true) <= 10);
}

TEST_CASE("in critical mode neither balance voltage nor count plays a part", "[firmware][critical]") {
    Running test{critical()};
    test.cells(3400);
    CHECK(test.messages_until_charge(false) == never);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 100);

    test.cells(3400, 3700);
    CHECK(test.messages_until_charge(false) == 2);
    test.cells(3400, 3695);
    CHECK(test.messages_until_charge(true) == 30);

    test.cells(2900, 3300);
    CHECK(test.messages_until_load(false) == 3);
    test.messages(60);
    test.cells(2905, 3300);
    CHECK(test.messages_until_load(true) == 10);
}

TEST_CASE("a relay that is forced off is off at once and stays off", "[firmware][relay]") {
    Running test;
    REQUIRE(test.set(at::charge_forced_off, 1) == bms::Refusal::none);
    CHECK(test.messages_until_charge(false) == 1);
    CHECK(test.messages_until_charge(true) == never);
    CHECK(test.pack.load_allowed());
    REQUIRE(test.set(at::load_forced_off, 1) == bms::Refusal::none);
    CHECK(test.messages_until_load(false) == 1);

    SECTION("and comes back ten messages after it was released") {
        test.messages(60);
        REQUIRE(test.set(at::charge_forced_off, 0) == bms::Refusal::none);
        REQUIRE(test.set(at::load_forced_off, 0) == bms::Refusal::none);
        test.messages(9);
        CHECK_FALSE(test.pack.charge_allowed());
        CHECK_FALSE(test.pack.load_allowed());
        test.messages(1);
        CHECK(test.pack.charge_allowed());
        CHECK(test.pack.load_allowed());
    }
}

TEST_CASE("after a watchdog reset the relays stay for 5 s and then follow the rules or open",
          "[firmware][relay]") {
    bms::Pack::Resumed resumed;
    resumed.any = resumed.charge = resumed.load = true;
    PackUnderTest test{bms::Settings{}, false, resumed};
    CHECK(test.pack.charge_allowed());

    SECTION("messages keep them") {
        test.messages(20);
        CHECK(test.pack.charge_allowed());
        CHECK(test.pack.load_allowed());
    }
    SECTION("silence opens them") {
        test.silence(4);
        CHECK(test.pack.charge_allowed());
        test.silence(1);
        CHECK_FALSE(test.pack.charge_allowed());
        CHECK_FALSE(test.pack.load_allowed());
    }
}

TEST_CASE("relays stay through one watchdog reset, and open when the next comes within 5 s",
          "[firmware][relay]") {
    bms::Pack::Resumed resumed;
    resumed.any = resumed.charge = resumed.load = true;
    PackUnderTest test{bms::Settings{}, false, resumed};
    test.messages(4);
    CHECK(test.pack.charge_allowed());
    CHECK_FALSE(test.pack.to_resume().charge);
    CHECK_FALSE(test.pack.to_resume().load);

    test.messages(1);
    CHECK(test.pack.to_resume().charge);
    CHECK(test.pack.to_resume().load);
}
