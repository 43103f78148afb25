// SPDX-License-Identifier: GPL-3.0-or-later
// Generation 3 as first sold: where it differs from the current product.
#include <catch2/catch.hpp>

#include "firmware/core/ext_status.hpp"
#include "tests/firmware/pack_under_test.hpp"

using bms::PackUnderTest;
using bms::Running;

namespace at = bms::app_address;
namespace status1 = bms::status1;

TEST_CASE("the early edition's defaults", "[firmware][gen3-hw1]") {
    const bms::Settings settings;
    CHECK(settings.v_min == 2900 / 5);
    CHECK(settings.v_max == 3700 / 5);
    CHECK(settings.t_min_charge == bms::temperature_raw(10));
    CHECK(settings.t_min_discharge == bms::temperature_raw(10));
    CHECK(settings.t_max == bms::temperature_raw(80));
    CHECK(bms::valid(settings));
}

TEST_CASE("currents up to 300 mA read as exactly nothing", "[firmware][gen3-hw1][current]") {
    bms::DualRangeSamples samples;
    samples.coarse = 16 * 512;
    for (const int side : {-1, 1}) {
        samples.fine = static_cast<std::uint16_t>(16 * 512 + side * 16 * 6);
        CHECK(bms::sensor_current(samples, {}) == 0);
        samples.fine = static_cast<std::uint16_t>(samples.fine + side);
        CHECK(bms::sensor_current(samples, {}) == side * 6);
    }
}

TEST_CASE("one T-min opens both relays", "[firmware][gen3-hw1][relays]") {
    Running test;
    test.temperatures(9, 25);
    CHECK(test.messages_until_charge(false) == 5);
    CHECK_FALSE(test.pack.load_allowed());
    CHECK(test.status(status1::t_min));
}

TEST_CASE("T-min is one setting, and a T-min for discharge none", "[firmware][gen3-hw1][settings]") {
    PackUnderTest test;
    CHECK(test.set(at::t_min_discharge, bms::temperature_raw(0)) == bms::Refusal::address);
    CHECK(test.set(at::t_min_charge, bms::temperature_raw(-10)) == bms::Refusal::none);
    CHECK(test.pack.settings().t_min_discharge == bms::temperature_raw(-10));
    CHECK(test.set(at::t_max, bms::temperature_raw(-5)) == bms::Refusal::none);
    CHECK(bms::valid(test.pack.settings()));
}

TEST_CASE("a pack is full at the balance voltage whatever flows into it", "[firmware][gen3-hw1][soc]") {
    Running test;
    test.current(400);
    test.cells(3395);
    test.messages(60);
    CHECK_FALSE(test.pack.soc().calibrated());
    test.cells(3400);
    CHECK(test.messages_until_charge(false) == 30);
    CHECK(test.pack.soc().calibrated());
    CHECK(test.pack.soc().percent(test.pack.settings()) == 100);
    CHECK(test.pack.load_allowed());
}

TEST_CASE("in critical mode the pack's voltage makes it full, and no relay opens",
          "[firmware][gen3-hw1][soc]") {
    Running test{bms::critical()};
    test.current(400);
    test.cells(3350, 3450);
    test.messages(29);
    CHECK_FALSE(test.pack.soc().calibrated());
    test.messages(1);
    CHECK(test.pack.soc().calibrated());
    CHECK(test.pack.charge_allowed());
}
