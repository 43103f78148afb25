// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/switches.hpp"
#include "firmware/core/count_range.hpp"

#include <catch2/catch.hpp>

TEST_CASE("switches 1 to 3 choose the number of cells", "[firmware][switches]") {
    const struct {
        int positions, least, most;
    } table[] = {{0x00, 2, 4},   {0x20, 5, 8},   {0x40, 9, 16},   {0x60, 17, 25},
                 {0x80, 26, 40}, {0xA0, 41, 80}, {0xC0, 81, 150}, {0xE0, 151, 255}};
    for (const auto& row : table) {
        const bms::Switches switches{static_cast<std::uint8_t>(row.positions | 0x1F)};
        const auto range = bms::count_range(switches.count_range_code());
        CHECK(range.least == row.least);
        CHECK(range.most == row.most);
        CHECK(range.holds(range.least));
        CHECK(range.holds(range.most));
        CHECK_FALSE(range.holds(static_cast<std::uint8_t>(range.least - 1)));
    }
}

TEST_CASE("switches 4 to 8 choose the balance voltage", "[firmware][switches]") {
    const auto millivolts = [](int positions) {
        return bms::Switches{static_cast<std::uint8_t>(positions)}.balance_voltage() * 5;
    };
    CHECK(millivolts(0x00) == 0);
    CHECK(millivolts(0xE1) == 1900);
    CHECK(millivolts(0x08) == 2600);
    CHECK(millivolts(0x10) == 3400);
    CHECK(millivolts(0x16) == 4000);
    CHECK(millivolts(0x1F) == 4900);
}

TEST_CASE("a change of the switches takes three equal reads", "[firmware][switches]") {
    bms::SwitchDebounce debounce;
    REQUIRE(debounce.update(0x10).positions() == 0x10);
    CHECK(debounce.update(0x11).positions() == 0x10);
    CHECK(debounce.update(0x11).positions() == 0x10);

    SECTION("and then it is taken") {
        CHECK(debounce.update(0x11).positions() == 0x11);
    }
    SECTION("and starts anew when one differs") {
        CHECK(debounce.update(0x13).positions() == 0x10);
        CHECK(debounce.update(0x11).positions() == 0x10);
        CHECK(debounce.update(0x11).positions() == 0x10);
        CHECK(debounce.update(0x11).positions() == 0x11);
    }
}
