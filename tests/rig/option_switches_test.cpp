// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/option_switches.hpp"

#include <catch2/catch.hpp>

#include "fixtures/fixture_error.hpp"
#include "tests/rig/fake_bench.hpp"

using namespace rig;
using rig::testing::FakeBench;

namespace {

Fixture fixture_of(const std::string& profile, int cells, double balance_v = 3.40, double sensor_a = 100) {
    Fixture fixture;
    fixture.file = "bench.toml";
    fixture.profile = profile;
    fixture.pack.cells = cells;
    fixture.pack.balance = Volts{balance_v};
    fixture.pack.sensor = Amperes{sensor_a};
    return fixture;
}

std::string pattern_of(const SwitchPositions& positions) {
    std::string pattern;
    for (const bool on : positions)
        pattern += on ? '1' : '0';
    return pattern;
}

}  // namespace

TEST_CASE("gen3's switches say the pack's cell count and balance voltage", "[rig]") {
    const auto [cells, balance_v, pattern] =
        GENERATE(table<int, double, std::string>({{2, 3.40, "00010000"},
                                                  {4, 3.40, "00010000"},
                                                  {5, 3.40, "00110000"},
                                                  {16, 2.60, "01001000"},
                                                  {17, 4.00, "01110110"},
                                                  {150, 1.90, "11000001"},
                                                  {151, 4.90, "11111111"},
                                                  {255, 0.0, "11100000"}}));
    CAPTURE(cells, balance_v);
    const std::string profile = GENERATE("gen3-hw1", "gen3-hw2");
    CHECK(pattern_of(ordinary_positions(fixture_of(profile, cells, balance_v))) == pattern);
    CHECK_FALSE(programming_positions(fixture_of(profile, cells, balance_v)));
}

TEST_CASE("gen2's switches say the balance voltage, with the blind spot on", "[rig]") {
    const auto [balance_v, pattern] = GENERATE(table<double, std::string>({{3.40, "00100000"},
                                                                           {3.50, "00100010"},
                                                                           {3.60, "00100100"},
                                                                           {3.70, "00100110"},
                                                                           {4.00, "01100000"},
                                                                           {4.10, "01100010"},
                                                                           {4.20, "01100100"},
                                                                           {4.30, "01100110"}}));
    CAPTURE(balance_v);
    CHECK(pattern_of(ordinary_positions(fixture_of("gen2-out1", 4, balance_v))) == pattern);
    CHECK(pattern_of(ordinary_positions(fixture_of("gen2-out2", 4, balance_v))) == pattern);
}

TEST_CASE("gen2 is programmed with its sensor, and with the next higher number of cells there is", "[rig]") {
    const auto [cells, sensor_a, pattern] =
        GENERATE(table<int, double, std::string>({{2, 25, "00000001"},
                                                  {4, 50, "00100001"},
                                                  {5, 100, "01000011"},
                                                  {16, 250, "01100111"},
                                                  {33, 400, "10010001"},
                                                  {64, 500, "10110011"},
                                                  {129, 1000, "11011011"},
                                                  {204, 2000, "11111101"},
                                                  {205, 2000, "11111111"},
                                                  {255, 2000, "11111111"}}));
    CAPTURE(cells, sensor_a);
    const auto positions = programming_positions(fixture_of("gen2-out2", cells, 3.40, sensor_a));
    REQUIRE(positions);
    CHECK(pattern_of(*positions) == pattern);
}

TEST_CASE("what the switches cannot say is the fixture's fault, and the message tells what they can",
          "[rig]") {
    CHECK_THROWS_WITH(
        ordinary_positions(fixture_of("gen3-hw2", 4, 3.45)),
        Catch::Contains("bench.toml: pack.balance_v = 3.45") && Catch::Contains("steps of 0.1"));
    CHECK_THROWS_AS(ordinary_positions(fixture_of("gen3-hw1", 4, 1.8)), FixtureError);
    CHECK_THROWS_WITH(
        ordinary_positions(fixture_of("gen2-out1", 4, 2.6)),
        Catch::Contains("pack.balance_v = 2.6") && Catch::Contains("3.4, 3.5, 3.6, 3.7, 4, 4.1"));
    CHECK_THROWS_WITH(programming_positions(fixture_of("gen2-out1", 4, 3.4, 300)),
                      Catch::Contains("pack.sensor_a = 300") && Catch::Contains("250, 400, 500"));
}

TEST_CASE("each switch goes to the line of its number, and one that is not wired is left out", "[rig]") {
    FakeBench bench;
    bench.outputs.erase("switch[3]");
    set_switches(bench, {true, false, true, true, false, false, true, false});
    std::string pattern;
    for (int n = 1; n <= 8; ++n)
        pattern += bench.own_outputs.at("switch[" + std::to_string(n) + "]")->now ? '1' : '0';
    CHECK(pattern == "10010010");
}
