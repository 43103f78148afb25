// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "firmware/core/chain_origin.hpp"
#include "firmware/core/gen2_installation.hpp"

namespace {

/// Positions of switches 1 to 8 as they are printed: "10000000" has switch 1 on.
std::uint8_t positions(const char* switches) {
    int bits = 0;
    for (; *switches != '\0'; ++switches)
        bits = bits << 1 | (*switches == '1');
    return static_cast<std::uint8_t>(bits);
}

bms::RatedSensorSamples at_counts(double counts) {
    bms::RatedSensorSamples samples;
    samples.output = static_cast<std::uint16_t>(16 * (512 + counts));
    return samples;
}

bms::Gen2Installation with(const char* switches) {
    bms::StoredHiddenSettings none;
    for (std::uint8_t& byte : none.bytes)
        byte = 0xFF;
    bms::Gen2Installation installation{{none, none}, false};
    installation.read(positions(switches));
    return installation;
}

int current(const bms::Gen2Installation& installation, const bms::RatedSensorSamples& samples) {
    return bms::sensor_current(samples, {}, installation.blind_spot());
}

}  // namespace

TEST_CASE("switches 2, 6 and 7 choose the balance voltage", "[firmware][gen2][switches]") {
    const struct {
        const char* switches;
        int millivolts;
    } table[] = {{"00000000", 3400}, {"00000010", 3500}, {"00000100", 3600}, {"00000110", 3700},
                 {"01000000", 4000}, {"01000010", 4100}, {"01000100", 4200}, {"01000110", 4300}};
    for (const auto& row : table)
        CHECK(with(row.switches).announcement().balance_voltage * 5 == row.millivolts);
    CHECK(with("10111001").announcement().balance_voltage * 5 == 3400);
}

TEST_CASE("switch 1 asks for two messages per second, switch 5 for critical mode",
          "[firmware][gen2][switches]") {
    CHECK_FALSE(with("01111111").announcement().fast);
    CHECK(with("10000000").announcement().fast);
    CHECK((with("11110111").announcement().config & bms::gen2_config::critical_bit) == 0);
    CHECK((with("00001000").announcement().config & bms::gen2_config::critical_bit) != 0);
}

TEST_CASE("as delivered a board expects up to 4 cells and 100 A sensors", "[firmware][gen2][switches]") {
    const auto told = with("00000000").announcement();
    CHECK(told.config == 0x20);
    CHECK(told.most_cells == 4);
    CHECK_FALSE(told.settings_lost);
}

TEST_CASE("switches are read once a second, however often messages go out", "[firmware][gen2][switches]") {
    auto slow = with("00000000");
    CHECK(slow.wants_switches());
    CHECK(slow.wants_switches());
    auto fast = with("10000000");
    CHECK_FALSE(fast.wants_switches());
    CHECK(fast.wants_switches());
    CHECK_FALSE(fast.wants_switches());
    CHECK(fast.wants_switches());
}

TEST_CASE("messages go out at the pace that switch 1 asks for", "[firmware][gen2][chain]") {
    bms::ChainOrigin origin{0};
    std::uint8_t bytes[bms::ChainFrame::size];
    const auto period = [&](const char* switches) {
        for (int i = 0; i < 2; ++i) {
            const bms::Ticks now = origin.next();
            REQUIRE(origin.due(now, 0));
            origin.compose(with(switches).announcement(), 0, 0, {}, bytes);
            bms::ChainFrame frame{};
            REQUIRE(bms::decode(bytes, frame));
            CHECK(frame.fast == (switches[0] == '1'));
        }
        const bms::Ticks from = origin.next();
        REQUIRE(origin.due(from, 0));
        return origin.next() - from;
    };
    CHECK(period("10000000") == bms::seconds(1) / 2);
    CHECK(period("00000000") == bms::seconds(1));
}

TEST_CASE("a current is shown in whole counts of its sensor", "[firmware][gen2][current]") {
    const auto installation = with("00000000");
    CHECK(current(installation, at_counts(0)) == 0);
    CHECK(current(installation, at_counts(1)) == 1);
    CHECK(current(installation, at_counts(-1)) == -1);
    CHECK(current(installation, at_counts(0.4375)) == 0);
    CHECK(current(installation, at_counts(0.5)) == 1);
    CHECK(current(installation, at_counts(-0.4375)) == 0);
    CHECK(current(installation, at_counts(-0.5625)) == -1);
    CHECK(current(installation, at_counts(200)) == 200);
    CHECK(current(installation, at_counts(-450)) == -450);
}

TEST_CASE("the blind spot reads as exactly nothing, up to two counts", "[firmware][gen2][current]") {
    const auto installation = with("00100000");
    CHECK(current(installation, at_counts(2)) == 0);
    CHECK(current(installation, at_counts(-2)) == 0);
    CHECK(current(installation, at_counts(2.0625)) == 2);
    CHECK(current(installation, at_counts(-2.0625)) == -2);
    CHECK(current(installation, at_counts(3)) == 3);
}

TEST_CASE("an output below 0.1 V is no sensor", "[firmware][gen2][current]") {
    const auto installation = with("00100000");
    CHECK(current(installation, at_counts(49 - 512)) == bms::ChainFrame::current_absent);
    CHECK(current(installation, at_counts(50 - 512)) == 50 - 512);
}

TEST_CASE("each sensor type's rated current is 200 counts", "[firmware][gen2][current]") {
    const int rated[] = {25, 50, 100, 250, 400, 500, 1000, 2000};
    for (std::uint8_t code = 0; code < 8; ++code)
        CHECK(bms::RatedSensorType{code}.in_eighths(200) == static_cast<std::uint32_t>(rated[code] * 8));
}
