// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/pace.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "tests/instruments/test_clock.hpp"

using namespace rig;

namespace {

/// A simulation of nothing, on a wall clock that runs `speed` times as fast.
struct Paced {
    explicit Paced(
        double speed, VirtualClock::World world = [](Nanoseconds) {})
        : wall(speed), simulation(10_ms, 10_ms, std::move(world)), pace(wall, simulation, speed) {}

    void run_for(Nanoseconds span) {
        const auto end = wall.now() + span;
        pace.run([&] { return wall.now() >= end; }, [&] { ++seconds; });
    }

    WallClock wall;
    VirtualClock simulation;
    Pace pace;
    int seconds = 0;
};

}  // namespace

TEST_CASE("what is due in a served bench is done when it is due", "[rig][serve]") {
    Paced paced(50.0);
    std::vector<Nanoseconds> late;
    for (const auto due : {500_ms, 503_ms, 1'500_ms})
        paced.simulation.at(due, [&, due] { late.push_back(paced.wall.now() - due); });
    paced.run_for(2'000_ms);
    REQUIRE(late.size() == 3);
    for (const auto lag : late)
        CHECK(lag >= 0_ms);
    CHECK(paced.pace.lags().count() > 0);
}

TEST_CASE("who touches a served bench from outside finds it in the present", "[rig][serve]") {
    Paced paced(1.0);
    bool answered = false;
    Nanoseconds asked{}, found{};
    const auto begin = paced.wall.now();
    paced.wall.at(begin + 3_ms, [&] {
        asked = paced.wall.now();
        paced.pace.catch_up();
        found = paced.simulation.now();
        // What the simulation does upon it is done in time, too.
        paced.simulation.at(found + 1_ms, [&] { answered = true; });
    });
    paced.pace.run([&] { return answered; }, [] {});
    CHECK(asked - begin >= 3_ms);
    // One go takes it so far at most.
    CHECK(found >= std::min(asked - begin, 100_ms));
}

TEST_CASE("a served bench that its machine is too slow for knows how late it is", "[rig][serve]") {
    WallClock watch;
    // Each 10 ms take 20 ms.
    Paced paced(1.0, [&, last = Nanoseconds{}](Nanoseconds until) mutable {
        const auto end = watch.now() + (until - last) * 2;
        last = until;
        watch.run_until([] { return false; }, end);
    });
    paced.run_for(300_ms);
    CHECK(paced.pace.lags().most() > 80_ms);
    CHECK(paced.pace.most_lately() == paced.pace.lags().most());
    CHECK(paced.pace.most_lately() == 0_ms);
}

TEST_CASE("the share of lags below one is told to a tenth of a millisecond", "[rig][serve]") {
    Lags lags;
    for (int i = 1; i <= 98; ++i)
        lags.add(1_ms);
    lags.add(30_ms);
    lags.add(4'000_ms);
    CHECK(lags.count() == 100);
    CHECK(lags.quantile(0.5) == 1_ms + Nanoseconds{100'000});
    CHECK(lags.quantile(0.99) == 30_ms + Nanoseconds{100'000});
    CHECK(lags.quantile(1.0) >= 1'000_ms);
    CHECK(lags.most() == 4'000_ms);
}
