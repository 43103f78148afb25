// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "firmware/core/ext_status.hpp"
#include "tests/firmware/pack_under_test.hpp"

using bms::never;
using bms::PackUnderTest;
using bms::Running;
namespace at = bms::app_address;
namespace status1 = bms::status1;
namespace status2 = bms::status2;

TEST_CASE("a warning ends once its condition has ended", "[firmware][alarm]") {
    Running test;
    test.cells(3300, 3700);
    test.messages(10);
    REQUIRE(test.status(status1::v_max));
    test.cells(3300, 3695);
    test.messages(3);
    CHECK(test.status(status1::v_max));
    test.messages(1);
    CHECK_FALSE(test.status(status1::v_max));
}

TEST_CASE("a silent chain opens both relays after 5 s and shows E alone", "[firmware][alarm]") {
    Running test;
    test.cells(3300, 3700);
    test.messages(1);
    test.silence(4);
    CHECK(test.pack.charge_allowed());
    test.silence(1);
    CHECK_FALSE(test.pack.charge_allowed());
    CHECK_FALSE(test.pack.load_allowed());
    CHECK(test.pack.status1() == (status1::communication_error | status1::soc_uncalibrated));

    SECTION("and both close again by themselves") {
        test.cells(3300);
        CHECK(test.messages_until_charge(true) <= 31);
        CHECK(test.pack.load_allowed());
        CHECK_FALSE(test.status(status1::communication_error));
    }
}

TEST_CASE("a change of the number of cells is E at once", "[firmware][count]") {
    Running test;
    test.frame.hops = 3;
    test.messages(1);
    CHECK(test.status(status1::communication_error));
    CHECK_FALSE(test.pack.charge_allowed());
    test.messages(60);
    CHECK(test.status(status1::communication_error));

    SECTION("until the number returns") {
        test.frame.hops = 4;
        test.messages(3);
        CHECK_FALSE(test.status(status1::communication_error));
    }
    SECTION("until the switches are set for it") {
        test.frame.hops = 5;
        test.frame.config = 1;
        test.messages(6);
        CHECK_FALSE(test.status(status1::communication_error));
    }
}

TEST_CASE("a cell without a plausible voltage is a communication fault, not a voltage", "[firmware][alarm]") {
    Running test;
    SECTION("named by its own board") {
        test.frame.faulty_cell = 2;
    }
    SECTION("below 0.5 V") {
        test.cells(495, 3300);
    }
    SECTION("at the converter's end") {
        test.cells(3300, 5115);
    }
    test.messages(4);
    CHECK((test.pack.status1() & ~status1::soc_uncalibrated) ==
          (status1::charge_allowed | status1::discharge_allowed));
    CHECK(test.pack.last_message().lowest_voltage == 660);
    test.messages(2);
    CHECK(test.status(status1::communication_error));
    CHECK_FALSE(test.status(status1::v_min));
    CHECK_FALSE(test.status(status1::v_max));
}

TEST_CASE("a repeated frame counts for nothing", "[firmware][chain]") {
    Running test;
    test.cells(3300, 3700);
    test.current(100);
    test.messages(1);
    const auto stored = test.pack.energy().collected_today_wh();
    for (int i = 0; i < 1000; ++i)
        CHECK_FALSE(test.pack.message(test.now, test.frame));
    CHECK(test.pack.charge_allowed());
    CHECK(test.pack.energy().collected_today_wh() == stored);
    test.silence(5);
    CHECK(test.status(status1::communication_error));
}

TEST_CASE("lost settings keep both relays off until the app has set something", "[firmware][settings]") {
    PackUnderTest test{bms::Settings{}, true};
    CHECK(test.messages_until_charge(true) == never);
    CHECK((test.pack.warnings2() & status2::early_warning) != 0);
    REQUIRE(test.set(at::v_max, 3650 / 5) == bms::Refusal::none);
    CHECK(test.messages_until_charge(true) <= 11);
    CHECK((test.pack.warnings2() & status2::early_warning) == 0);
}

TEST_CASE("a balance voltage too near to V-min or V-max is an early warning", "[firmware][settings]") {
    Running test;
    const auto early = [&](int balance_mv) {
        test.frame.balance_voltage = static_cast<std::uint16_t>(balance_mv / 5);
        test.message();
        return (test.pack.warnings2() & status2::early_warning) != 0;
    };
    CHECK_FALSE(early(3000));
    CHECK(early(2995));
    CHECK_FALSE(early(3650));
    CHECK(early(3655));
}

TEST_CASE("a refused write changes nothing and confirms nothing", "[firmware][settings]") {
    PackUnderTest test{bms::Settings{}, true};
    test.messages(3);
    CHECK(test.set(at::v_max, 100) == bms::Refusal::range);
    CHECK(test.pack.settings().v_max == 740);
    CHECK_FALSE(test.pack.take_changed());
    CHECK(test.messages_until_charge(true) == never);
}
