// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/wall_clock.hpp"

#include <time.h>

#include <asio/post.hpp>
#include <catch2/catch.hpp>
#include <string>

#include "tests/instruments/test_clock.hpp"

using namespace rig;

namespace {

Nanoseconds processor_time() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return Nanoseconds{used.tv_sec * 1'000'000'000 + used.tv_nsec};
}

}  // namespace

TEST_CASE("actions on the wall clock run when they are due, in their order", "[instruments][clock]") {
    WallClock clock;
    std::string order;
    const auto begin = clock.now();
    clock.at(begin + 3_ms, [&] { order += 'c'; });
    clock.at(begin + 1_ms, [&] { order += 'a'; });
    clock.at(begin + 1_ms, [&] { order += 'b'; });
    clock.at(begin + 3600'000_ms, [&] { order += 'z'; });
    CHECK(order.empty());
    CHECK(clock.run_until([&] { return order.size() == 3; }, begin + 60'000_ms));
    CHECK(order == "abc");
    CHECK(clock.now() - begin >= 3_ms);
}

TEST_CASE("what the kernel stamped is told in bench time, whatever its speed", "[instruments][clock]") {
    const auto speed = GENERATE(1.0, 20.0);
    WallClock clock(speed);
    clock.run_for(100_ms);
    timespec stamp{};
    const auto before = clock.now();
    ::clock_gettime(CLOCK_MONOTONIC, &stamp);
    const auto after = clock.now();
    const auto told = clock.at_monotonic(Nanoseconds{stamp.tv_sec * 1'000'000'000 + stamp.tv_nsec});
    CHECK(told >= before);
    CHECK(told <= after);
}

TEST_CASE("waiting on the wall clock ends at its deadline and costs no processor time",
          "[instruments][clock]") {
    WallClock clock;
    const auto begin = clock.now(), used = processor_time();
    CHECK_FALSE(clock.run_until([] { return false; }, begin + 100_ms));
    CHECK(clock.now() - begin >= 100_ms);
    CHECK(processor_time() - used < 50_ms);
}

TEST_CASE("a wait that something has interrupted goes on asleep", "[instruments][clock]") {
    WallClock clock;
    asio::steady_timer interruption(clock.context(), std::chrono::milliseconds(5));
    bool interrupted = false;
    interruption.async_wait([&](const asio::error_code&) { interrupted = true; });
    const auto rounds = clock.rounds();
    CHECK_FALSE(clock.run_until([] { return false; }, clock.now() + 300_ms));
    CHECK(interrupted);
    CHECK(clock.rounds() - rounds < 50);
}

TEST_CASE("what already holds is not waited for, and a past deadline asks once more",
          "[instruments][clock]") {
    WallClock clock;
    CHECK(clock.run_until([] { return true; }, Nanoseconds::min()));
    CHECK_FALSE(clock.run_until([] { return false; }, Nanoseconds::min()));
    bool posted = false;
    asio::post(clock.context(), [&] { posted = true; });
    CHECK(clock.run_until([&] { return posted; }, clock.now()));
}

TEST_CASE("something that always happens does not keep the wall clock from its deadline",
          "[instruments][clock]") {
    WallClock clock;
    std::function<void()> again = [&] { asio::post(clock.context(), again); };
    again();
    CHECK_FALSE(clock.run_until([] { return false; }, clock.now() + 5_ms));
    std::function<void()> restless = [&] { clock.at(clock.now(), restless); };
    restless();
    CHECK_FALSE(clock.run_until([] { return false; }, clock.now() + 5_ms));
}

TEST_CASE("an action may wait on the clock itself", "[instruments][clock]") {
    WallClock clock;
    bool inner = false, outer = false;
    clock.at(clock.now(), [&] {
        clock.at(clock.now() + 1_ms, [&] { inner = true; });
        outer = clock.run_until([&] { return inner; }, clock.now() + 60'000_ms);
    });
    CHECK(clock.run_until([&] { return outer; }, clock.now() + 60'000_ms));
}

TEST_CASE("a bench whose peer's time is scaled scales its own", "[instruments][clock]") {
    WallClock real, fast(1000.0);
    const auto begin = real.now(), fast_begin = fast.now();
    CHECK_FALSE(fast.run_until([] { return false; }, fast_begin + 5'000_ms));
    CHECK(fast.now() - fast_begin >= 5'000_ms);
    CHECK(real.now() - begin >= 5_ms);
    CHECK(real.now() - begin < 2'500_ms);
}
