// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "firmware/core/ext_status.hpp"
#include "tests/firmware/pack_under_test.hpp"

using bms::PackUnderTest;
namespace at = bms::app_address;
namespace status1 = bms::status1;
namespace status2 = bms::status2;

namespace {

constexpr int never = 100;

struct Running : PackUnderTest {
    explicit Running(const bms::Settings& settings = {}) : PackUnderTest(settings) {
        messages(45);  // past boot and any rest
        REQUIRE(pack.charge_allowed());
        REQUIRE(pack.load_allowed());
    }
};

bms::Settings critical() {
    bms::Settings settings;
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

}  // namespace

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
        test.frame.balancing = 4;
        test.current(15.7);
        CHECK(test.messages_until_charge(false) == 30);
        test.frame.balancing = 3;
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

TEST_CASE("a cell that stays at V-min for 15 s empties the count", "[firmware][soc]") {
    Running test;
    test.cells(2900, 3300);
    REQUIRE(test.messages_until_load(false) == 3);
    test.messages(13);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 50);
    test.messages(2);
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

TEST_CASE("in critical mode the pack's voltage says full", "[firmware][critical]") {
    Running test{critical()};
    test.cells(3350, 3440);
    test.messages(60);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 50);
    test.cells(3350, 3450);
    test.messages(30);
    CHECK(test.pack.soc().percent(test.pack.settings()) == 100);
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

TEST_CASE("a relay that is forced off is off at once and stays off", "[firmware][relay]") {
    Running test;
    REQUIRE(test.set(at::charge_forced_off, 1) == bms::Refusal::none);
    CHECK(test.messages_until_charge(false) == 1);
    CHECK(test.messages_until_charge(true) == never);
    CHECK(test.pack.load_allowed());
    REQUIRE(test.set(at::load_forced_off, 1) == bms::Refusal::none);
    CHECK(test.messages_until_load(false) == 1);
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
