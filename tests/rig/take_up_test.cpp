// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/take_up.hpp"

#include <catch2/catch.hpp>

#include "tests/rig/fake_bench.hpp"

using namespace rig;
using rig::testing::FakeBench;
using rig::testing::FakeCell;

namespace {

Fixture fixture_of(int cells) {
    Fixture fixture;
    fixture.profile = "gen3-hw2";
    fixture.pack.cells = cells;
    return fixture;
}

}  // namespace

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

TEST_CASE("a supply's own watchdog is armed before it is switched on, as long as the fixture says", "[rig]") {
    struct Watching : FakeCell {
        using FakeCell::FakeCell;
        void arm_watchdog(Nanoseconds silence) override {
            CHECK_FALSE(on);
            armed = silence;
        }
        Nanoseconds armed{};
    };
    FakeBench bench(2);
    Watching first(bench.test_clock, bench.log, 1), second(bench.test_clock, bench.log, 2);
    bench.cells = {&first, &second};
    Fixture fixture = fixture_of(2);
    fixture.cells.watchdog_s = 5.0;
    power_up(bench, fixture);
    CHECK(first.armed == std::chrono::seconds(5));
    CHECK(second.armed == std::chrono::seconds(5));
}

TEST_CASE("gen2 boards are programmed while switch 8 is on, and the other switches stand as before after it",
          "[rig]") {
    FakeBench bench;
    bench.profile = "gen2-out1";
    Fixture fixture = fixture_of(2);
    fixture.profile = "gen2-out1";
    fixture.pack.cells = 12;
    CHECK(take_up(bench, fixture).empty());
    const auto history = [&](int number) {
        return bench.own_outputs.at("switch[" + std::to_string(number) + "]")->history;
    };
    // In use, with 8 on: 100 A and 12 cells, in use again.
    CHECK(history(2) == std::vector<bool>{false, true, false});
    CHECK(history(3) == std::vector<bool>{true, false, true});
    CHECK(history(6) == std::vector<bool>{false, true, false});
    // Its off is the edge that counts: it comes before the others are put back.
    CHECK(history(8) == std::vector<bool>{false, true, false, false});
}

TEST_CASE("gen3 boards have nothing to program", "[rig]") {
    FakeBench bench;
    CHECK(take_up(bench, fixture_of(2)).empty());
    CHECK(bench.own_outputs.at("switch[8]")->history == std::vector<bool>{false});
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

TEST_CASE("boards on the table are without supply for a while before each test", "[rig]") {
    FakeBench bench;
    Fixture fixture = fixture_of(2);
    fixture.bench = "real";
    fixture.pack.off = Nanoseconds{5'000'000'000};
    const auto begin = bench.test_clock.now();
    CHECK(take_up(bench, fixture).empty());
    CHECK(bench.test_clock.now() - begin >= Nanoseconds{5'000'000'000});
}

TEST_CASE("a bench that cannot be taken up whole is taken down again", "[rig]") {
    FakeBench bench;
    Fixture fixture = fixture_of(2);
    fixture.pack.nominal = Volts{9.0};
    CHECK_THROWS_WITH(take_up(bench, fixture), Catch::Contains("cell 1: more than the fixture allows"));
    CHECK(bench.log.back() == "cell 1 off");

    SECTION("also when what was in the way is no instrument") {
        struct Unwilling : CurrentInjector {
            void inject(Amperes) override { throw std::out_of_range("no such setting"); }
            Reply<Amperes> measure() override { throw std::logic_error("not asked"); }
            void off() override {}
        } unwilling;
        fixture.pack.nominal = Volts{3.3};
        bench.sensors[1] = &unwilling;
        CHECK_THROWS_WITH(take_up(bench, fixture), Catch::Contains("no such setting"));
        CHECK(bench.log.back() == "cell 1 off");
    }
    SECTION("and what does not go off is told with it") {
        bench.own_cells[1]->stuck = true;
        CHECK_THROWS_WITH(take_up(bench, fixture), Catch::Contains("NOT confirmed off: cell 2"));
    }
}
