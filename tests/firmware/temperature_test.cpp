// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/temperature.hpp"

#include <catch2/catch.hpp>

TEST_CASE("25 and 85 degrees have the raw values of the data sheet", "[firmware][temperature]") {
    CHECK(bms::temperature_raw(25) == 300);
    CHECK(bms::temperature_raw(85) == 370);
}

TEST_CASE("every whole degree from -40 to 125 survives the readers' formula", "[firmware][temperature]") {
    for (std::int16_t degc = -40; degc <= 125; ++degc) {
        CAPTURE(degc);
        const auto raw = bms::temperature_raw(degc);
        CHECK(static_cast<int>(raw * 60.0 / 70.0 - 232.14 + 1000.5) - 1000 == degc);
        CHECK(bms::temperature_degc(raw) == degc);
    }
}

TEST_CASE("temperatures beyond the format's range saturate", "[firmware][temperature]") {
    CHECK(bms::temperature_raw(-300) == 0);
    CHECK(bms::temperature_raw(32000) == 1023);
}

TEST_CASE("tenths of a degree round to the nearest raw value", "[firmware][temperature]") {
    CHECK(bms::temperature_raw_of_tenths(250) == 300);
    CHECK(bms::temperature_raw_of_tenths(802) == 364);
    CHECK(bms::temperature_raw_of_tenths(803) == 365);
}
