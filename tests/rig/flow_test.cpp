// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "rig/stop.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

TEST_CASE("waiting lets exactly that much bench time pass", "[rig][lua]") {
    OnFake test(test_with(R"(
local from = rig.now_s()
rig.wait(2.5)
rig.equal("passed", math.floor((rig.now_s() - from) * 1e9 + 0.5), 2500000000))"));

    CHECK(test.run().verdict == Verdict::passed);
}

TEST_CASE("eventually records how long it took", "[rig][lua]") {
    OnFake test(test_with(R"(
local from = rig.now_s()
rig.eventually("a second is over", { within_s = 3, every_s = 0.25, proves = { "RLY-01" } }, function()
  return rig.now_s() - from >= 1
end))",
                          R"(proves = { "RLY-01" })"));

    REQUIRE(test.run().verdict == Verdict::passed);
    const auto& check = test.notes.checks.at(0);
    CHECK(check.name == "a second is over");
    CHECK(check.value == 1.0);
    CHECK(check.high == 3.0);
    CHECK(check.unit == "s");
    CHECK(check.script_line == "acceptance/one.lua:5");
}

TEST_CASE("eventually looks once more at the deadline, then fails and ends the test", "[rig][lua]") {
    OnFake test(test_with(R"(
rig.eventually("pigs fly", { within_s = 1, every_s = 0.3 }, function() print(rig.now_s()) return false end)
rig.claim("not reached", true))"));

    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains("pigs fly"));
    CHECK_THAT(ending.message, Catch::Contains("did not hold within 1 s"));
    REQUIRE(test.notes.checks.size() == 1);
    CHECK(test.notes.checks[0].verdict == Verdict::failed);
    CHECK(test.notes.printed == std::vector<std::string>{"0.2", "0.5", "0.8", "1.1", "1.2"});
}

TEST_CASE("always asks its condition whenever bench time passes in its body", "[rig][lua]") {
    OnFake test(test_with(R"(
local from, asked = rig.now_s(), 0
rig.always("early", { every_s = 0.5 }, function() asked = asked + 1 return rig.now_s() - from < 1.9 end, function()
  rig.wait(1)
  rig.eventually("time", { within_s = 5 }, function() return rig.now_s() - from >= 3 end)
end)
print(asked))"));

    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains("no longer held 2.000 s after it began"));
    REQUIRE(test.notes.checks.size() == 2);
    CHECK(test.notes.checks[1].name == "early");
    CHECK(test.notes.printed == std::vector<std::string>{"5"});  // at 0, 0.5, 1, 1.5 and 2.0 s
}

TEST_CASE("always without a body holds for its time", "[rig][lua]") {
    OnFake test(test_with(R"(
local from = rig.now_s()
rig.always("quiet", { for_s = 2 }, function() return true end)
rig.equal("time", math.floor((rig.now_s() - from) * 1000 + 0.5), 2000))"));

    CHECK(test.run().verdict == Verdict::passed);
    CHECK(test.notes.checks.at(0).name == "quiet");
}

TEST_CASE("a claim broken before the body ends the test is recorded all the same", "[rig][lua]") {
    OnFake test(test_with(R"(
rig.always("never true", {}, function() return false end, function()
  rig.eventually("pigs fly", { within_s = 0.1 }, function() return false end)
end))"));

    CHECK(test.run().verdict == Verdict::failed);
    REQUIRE(test.notes.checks.size() == 2);
    CHECK(test.notes.checks[1].name == "never true");
}

TEST_CASE("a trip point is found to the step, on the way there and on the way back", "[rig][lua]") {
    OnFake test(test_with(R"(
local trip = rig.trip_point {
  ramp = function(v) bench.cell[2]:set_v(v) end,
  from_v = 3.55, to_v = 3.65, step_v = 0.005, dwell_s = 1, back = true,
  moves = function() return not bench.relay.charge:allowed() end,
}
print(string.format("%.3f %.3f", trip.v, trip.back_v)))"));

    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == std::vector<std::string>{"3.600 3.595"});
    CHECK(test.notes.checks.empty());
}

TEST_CASE("a ramp may go down and have any unit", "[rig][lua]") {
    OnFake test(test_with(R"(
local at
local trip = rig.trip_point {
  ramp = function(x) at = x end, from_degc = 5, to_degc = -5, step_degc = 2, dwell_s = 0,
  moves = function() return at <= 0 end,
}
print(trip.degc, trip.v))"));

    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.printed == std::vector<std::string>{"-1.0\tnil"});
}

TEST_CASE("a ramp on which nothing moves, or that begins beyond the trip, fails the test", "[rig][lua]") {
    const auto [from, message] = GENERATE(table<std::string, std::string>(
        {{"3.50", "nothing moved between 3.5 and 3.55"}, {"3.61", "had moved already at 3.61"}}));
    OnFake test(
        test_with("rig.trip_point { ramp = function(v) bench.cell[1]:set_v(v) end, from_v = " + from + R"(,
  to_v = 3.55, step_v = 0.01, dwell_s = 1, moves = function() return not bench.relay.load:allowed() end }
rig.claim("not reached", true))"));

    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains(message));
    CHECK(test.notes.checks.size() == 1);
}

TEST_CASE("a test that takes more bench time than its limit is an error", "[rig][lua]") {
    const auto body =
        GENERATE(as<std::string>{}, "rig.wait(11)", "while true do rig.wait(1) end",
                 "while true do pcall(rig.wait, 1) end", "while true do bench.cells:voltages_v() end",
                 "while true do coroutine.wrap(function() pcall(rig.wait, 1) end)() end");
    OnFake test(test_with(body, "limit_s = 10"));

    CAPTURE(body);
    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("longer than its limit of 10 s"));
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:3"));
    CHECK(test.bench.test_clock.now() < Nanoseconds{10'300'000'000});
}

TEST_CASE("abort ends the test as an error with its message", "[rig][lua]") {
    OnFake test(test_with("pcall(rig.abort, \"the oven is cold\") rig.claim(\"not reached\", true)"));

    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::StartsWith("the oven is cold"));
    CHECK(test.notes.checks.empty());
}
