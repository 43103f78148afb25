// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/take_up.hpp"

#include <catch2/catch.hpp>

#include "fixtures/fixture_error.hpp"
#include "tests/rig/fake_bench.hpp"

using namespace rig;
using rig::testing::FakeBench;

namespace {

Fixture fixture_of(int cells, double balance_v = 3.40) {
    Fixture fixture;
    fixture.profile = "gen3-hw2";
    fixture.pack.cells = cells;
    fixture.pack.balance = Volts{balance_v};
    return fixture;
}

std::string switches(const FakeBench& bench) {
    std::string pattern;
    for (int n = 1; n <= 8; ++n)
        pattern += bench.own_outputs.at("switch[" + std::to_string(n) + "]")->now ? '1' : '0';
    return pattern;
}

}  // namespace

TEST_CASE("the switches are set to the pack's cell count and balance voltage", "[rig]") {
    const auto [cells, balance_v, pattern] =
        GENERATE(table<int, double, std::string>({{2, 3.40, "00010000"},
                                                  {4, 3.40, "00010000"},
                                                  {5, 3.40, "00110000"},
                                                  {16, 2.60, "01001000"},
                                                  {17, 4.00, "01110110"},
                                                  {150, 1.90, "11000001"},
                                                  {151, 4.90, "11111111"},
                                                  {255, 0.0, "11100000"}}));
    FakeBench bench;
    set_switches(bench, fixture_of(cells, balance_v));
    CAPTURE(cells, balance_v);
    CHECK(switches(bench) == pattern);
}

TEST_CASE("a balance voltage that the switches do not know is the fixture's fault", "[rig]") {
    FakeBench bench;
    CHECK_THROWS_AS(set_switches(bench, fixture_of(4, 3.45)), FixtureError);
    CHECK_THROWS_AS(set_switches(bench, fixture_of(4, 1.8)), FixtureError);
}

TEST_CASE("a bench is taken up from off, set before on, lowest cell first", "[rig]") {
    FakeBench bench(3);
    bench.own_injectors[1].amperes = Amperes{5.0};

    CHECK(take_up(bench, fixture_of(3)).empty());

    CHECK(bench.log == std::vector<std::string>{"cell 3 off", "cell 2 off", "cell 1 off",  //
                                                "cell 1 set", "cell 1 limit", "cell 2 set", "cell 2 limit",
                                                "cell 3 set",
                                                "cell 3 limit",  //
                                                "cell 1 on", "cell 2 on", "cell 3 on"});
    CHECK(bench.own_cells[0]->volts == Volts{3.30});
    CHECK(bench.own_injectors[1].amperes == Amperes{0.0});
    CHECK(bench.own_outputs.at("sensor[1].plugged")->now);
    CHECK(bench.own_outputs.at("chain[2].closed")->now);
    CHECK(bench.own_inputs.at("relay.charge.pins_1_2")->now);
}

TEST_CASE("boards that do not come up are told of, after a minute", "[rig]") {
    FakeBench bench;
    bench.boards_dead = true;
    CHECK(take_up(bench, fixture_of(2)) == "relay.charge and relay.load not allowed 60 s after power-up");
    CHECK(bench.test_clock.now() >= Nanoseconds{60'000'000'000});
}

TEST_CASE("taking down goes on past a channel that does not go off, and names it", "[rig]") {
    FakeBench bench(3);
    take_up(bench, fixture_of(3));
    bench.own_cells[2]->stuck = true;
    bench.own_forcers[1].degrees = Celsius{60.0};

    CHECK_THROWS_WITH(take_down(bench), Catch::Contains("NOT confirmed off") && Catch::Contains("cell 3"));

    CHECK_FALSE(bench.own_cells[0]->on);
    CHECK_FALSE(bench.own_cells[1]->on);
    CHECK(bench.own_forcers[1].degrees == Celsius{25.0});
}
