// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/energy.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace {
constexpr auto one_turn = bms::SensorType{bms::SensorType::turns_1}.quanta_per_wh();
}

TEST_CASE("100 W for an hour are 100 Wh", "[firmware][energy]") {
    bms::EnergyMeter meter;
    const bms::EnergyFlow flow{10000 / 5, 2000 / 50};  // 10 V, 2 A
    REQUIRE(flow.into_pack);
    for (int message = 0; message < 18000; ++message)
        meter.add(flow.quanta, one_turn);
    CHECK(meter.wh() == 100);
}

TEST_CASE("a count weighs half as much with the cable through the sensor twice", "[firmware][energy]") {
    CHECK(bms::SensorType{bms::SensorType::turns_2}.quanta_per_wh() == 2 * one_turn);
    CHECK(bms::SensorType{bms::SensorType::turns_4}.quanta_per_wh() == 4 * one_turn);
}

TEST_CASE("after a month the count equals the sum of what was reported, exactly", "[firmware][energy]") {
    std::mt19937 random{3};
    bms::EnergyMeter meter;
    std::uint64_t sum = 0;
    for (int message = 0; message < 30 * 86400; ++message) {
        const bms::EnergyFlow flow{9000 + static_cast<std::uint32_t>(random() % 2000),
                                   static_cast<std::int16_t>(random() % 400)};
        meter.add(flow.quanta, one_turn);
        sum += flow.quanta;
    }
    CHECK(meter.wh() == sum / one_turn);
}

TEST_CASE("what was added can be taken again to the last quantum", "[firmware][energy]") {
    bms::EnergyMeter meter;
    for (int i = 0; i < 1000; ++i)
        meter.add(123456789, one_turn);
    for (int i = 0; i < 999; ++i)
        meter.take(123456789, one_turn);
    CHECK(meter.wh() == 123456789 / one_turn);
    meter.take(123456789, one_turn);
    CHECK(meter.wh() == 0);
    meter.take(1, one_turn);
    CHECK(meter.wh() == 0);
}

TEST_CASE("the largest pack at the largest current fits", "[firmware][energy]") {
    bms::EnergyMeter meter;
    const bms::EnergyFlow flow{255 * 1022, 12800};
    CHECK(flow.quanta == 255ull * 1022 * 12800);
    std::uint64_t sum = 0;
    for (int i = 0; i < 1000; ++i, sum += flow.quanta)
        meter.add(flow.quanta, one_turn);
    CHECK(meter.wh() == sum / one_turn);
}

TEST_CASE("discharging counts as consumed, charging as collected", "[firmware][energy]") {
    bms::EnergyCounters counters;
    for (int i = 0; i < 36000; ++i) {
        counters.count(bms::EnergyFlow{200000 / 5, 1000}, one_turn);  // 10 kW
        counters.count(bms::EnergyFlow{200000 / 5, -500}, one_turn);  // 5 kW
    }
    CHECK(counters.collected_today_wh() == 100000);
    CHECK(counters.consumed_today_wh() == 50000);
    CHECK(counters.collected_total_kwh() == 100);
    CHECK(counters.consumed_total_kwh() == 50);
    CHECK(counters.cycles(250) == 2);

    SECTION("a day of running ends today's") {
        counters.elapse(bms::seconds(86400) - 1);
        CHECK(counters.collected_today_wh() == 100000);
        counters.elapse(1);
        CHECK(counters.collected_today_wh() == 0);
        CHECK(counters.consumed_today_wh() == 0);
        CHECK(counters.collected_total_kwh() == 100);
    }
    SECTION("clearing the totals leaves today's and the lifetime's") {
        counters.clear_totals();
        CHECK(counters.collected_total_kwh() == 0);
        CHECK(counters.consumed_total_kwh() == 0);
        CHECK(counters.collected_today_wh() == 100000);
        CHECK(counters.charged_kwh() == 100);
    }
}
