// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/chain_alarm.hpp"

#include <catch2/catch.hpp>

namespace {

constexpr bms::Ticks second = bms::ticks_per_second;

/// An alarm that has been fed for 20 s.
bms::ChainAlarm settled(bms::Ticks& now) {
    bms::ChainAlarm alarm{now};
    for (int i = 0; i < 20; ++i) {
        now += second;
        alarm.step(now);
        alarm.complete_message(now);
    }
    return alarm;
}

}  // namespace

TEST_CASE("E rises 5 s after the last complete message", "[firmware][alarm]") {
    bms::Ticks now = 0;
    auto alarm = settled(now);
    alarm.step(now + 5 * second - 1);
    CHECK_FALSE(alarm.raised());
    CHECK(alarm.due() == now + 5 * second);
    alarm.step(now + 5 * second);
    CHECK(alarm.raised());
}

TEST_CASE("E clears with the third good message", "[firmware][alarm]") {
    bms::Ticks now = 0;
    auto alarm = settled(now);
    now += 60 * second;
    alarm.step(now);
    for (int good = 1; good <= 3; ++good) {
        REQUIRE(alarm.raised());
        now += second;
        alarm.step(now);
        alarm.complete_message(now);
    }
    CHECK_FALSE(alarm.raised());
}

TEST_CASE("there is no E in the first 10 s, and then there is", "[firmware][alarm]") {
    bms::ChainAlarm alarm{0};
    SECTION("without any message") {
    }
    SECTION("with one message at once") {
        alarm.complete_message(second);
    }
    SECTION("with a count that does not fit") {
        alarm.wrong_count();
    }
    alarm.step(10 * second - 1);
    CHECK_FALSE(alarm.raised());
    alarm.step(10 * second);
    CHECK(alarm.raised());
}

TEST_CASE("a count that does not fit raises E at once", "[firmware][alarm]") {
    bms::Ticks now = 0;
    auto alarm = settled(now);
    alarm.wrong_count();
    CHECK(alarm.raised());
}

TEST_CASE("the alarm works across the wrap of its clock", "[firmware][alarm]") {
    bms::Ticks now = 0xFFFFFFFFu - 22 * second;
    auto alarm = settled(now);
    alarm.step(now + 4 * second);
    CHECK_FALSE(alarm.raised());
    alarm.step(now + 5 * second);
    CHECK(alarm.raised());
}
