// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

TEST_CASE("a check keeps value, limits, unit, IDs, time and the script's own line", "[rig][lua]") {
    OnFake test(test_with(R"(
rig.wait(1.5)
rig.check("trip", 3.6, rig.limits.v_max_trip, { proves = { "RLY-01" } }))",
                          R"(proves = { "RLY-01" })"));

    REQUIRE(test.run().verdict == Verdict::passed);

    REQUIRE(test.notes.checks.size() == 1);
    const auto& check = test.notes.checks[0];
    CHECK(check.number == 1);
    CHECK(check.name == "trip");
    CHECK(check.verdict == Verdict::passed);
    CHECK(check.value == 3.6);
    CHECK(check.low == 3.58);
    CHECK(check.high == 3.62);
    CHECK(check.unit == "V");
    CHECK(check.proves == std::vector<std::string>{"RLY-01"});
    CHECK(check.script_line == "acceptance/one.lua:5");
    CHECK(check.bench_ns == 1'700'000'000);
}

TEST_CASE("limits are inclusive and an absent one is open", "[rig][lua]") {
    OnFake test(test_with(R"(
rig.check("at the top", 3.62, rig.limits.v_max_trip)
rig.check("at the bottom", 3.58, rig.limits.v_max_trip)
rig.check("far below an upper limit", -1e9, rig.limits.at_most)
rig.check("above", 3.6201, rig.limits.v_max_trip)
rig.check("below", 3.5799, rig.limits.v_max_trip)
rig.check("not a number", 0/0, rig.limits.v_max_trip))"));

    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::failed);
    std::vector<Verdict> verdicts;
    for (const auto& check : test.notes.checks)
        verdicts.push_back(check.verdict);
    const auto passed = Verdict::passed, failed = Verdict::failed;
    CHECK(verdicts == std::vector<Verdict>{passed, passed, passed, failed, failed, failed});
}

TEST_CASE("a failed check lets the test go on and is told with value, limits and line", "[rig][lua]") {
    OnFake test(test_with(R"(
rig.check("first", 3.7, rig.limits.v_max_trip)
rig.claim("went on", true))"));

    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::failed);
    CHECK(ending.message == "first: 3.7 V, limits 3.58 to 3.62\n  script  acceptance/one.lua:4");
    REQUIRE(test.notes.checks.size() == 2);
    CHECK(test.notes.checks[1].number == 2);
}

TEST_CASE("a claim and an equality are recorded with what was found", "[rig][lua]") {
    OnFake test(test_with(R"(
rig.claim("holds", 1 == 1)
rig.claim("does not", false)
rig.equal("numbers", 3, 4)
rig.equal("texts", "ab", "abc")
rig.equal("absent is absent", nil, nil)
rig.equal("true is no 1", true, 1))"));

    CHECK(test.run().verdict == Verdict::failed);

    const auto& checks = test.notes.checks;
    REQUIRE(checks.size() == 6);
    CHECK(checks[0].verdict == Verdict::passed);
    CHECK_FALSE(checks[0].value.has_value());
    CHECK(checks[1].verdict == Verdict::failed);
    CHECK(checks[2].value == 3.0);
    CHECK(checks[2].low == 4.0);
    CHECK(checks[2].verdict == Verdict::failed);
    CHECK(checks[3].detail == "found \"ab\", expected \"abc\"");
    CHECK(checks[4].verdict == Verdict::passed);
    CHECK(checks[5].verdict == Verdict::failed);
}

TEST_CASE("a check inside a helper is told by the line of the script that called it", "[rig][lua]") {
    OnFake test(test_with("\nrequire(\"lib.helper\").look()"), R"(
local rig = require("rig")
local helper = {}
function helper.look() rig.claim("helped", true) end
return helper)");

    REQUIRE(test.run().verdict == Verdict::passed);
    CHECK(test.notes.checks.at(0).script_line == "acceptance/one.lua:4");
}

TEST_CASE("an unknown limit is an error that names it and its file", "[rig][lua]") {
    OnFake test(test_with("\nrig.check(\"x\", 1, rig.limits.v_mox)"));

    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("no limit 'v_mox' in fixtures/limits/fake.toml"));
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:4"));
}

TEST_CASE("a check that could not fail, or with a misspelt option, is an error", "[rig][lua]") {
    const auto body = GENERATE(as<std::string>{}, "rig.check('x', 1, {})", "rig.check('x', 1, { mim = 1 })",
                               "rig.check('x', 1, { max = 1 }, { prove = {} })",
                               "rig.check('x', nil, { max = 1 })", "rig.check('x', '1', { max = 1 })",
                               "rig.claim('x', nil)", "rig.equal('x', {}, 1)", "rig.chek('x')");
    OnFake test(test_with(body));

    CAPTURE(body);
    CHECK(test.run().verdict == Verdict::error);
    CHECK(test.notes.checks.empty());
}

TEST_CASE("a check may cite only IDs that its test lists", "[rig][lua]") {
    OnFake test(test_with("rig.claim(\"x\", true, { proves = { \"RLY-02\" } })", R"(proves = { "RLY-01" })"));

    const Ending ending = test.run();

    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("cites RLY-02, which the test does not list"));
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:3"));
}

TEST_CASE("a passing test must have cited every ID that it lists", "[rig][lua]") {
    SECTION("else it is an error") {
        OnFake test(test_with("rig.claim(\"x\", true)", R"(proves = { "RLY-01" })"));
        const Ending ending = test.run();
        CHECK(ending.verdict == Verdict::error);
        CHECK_THAT(ending.message, Catch::Contains("none of its checks cites RLY-01"));
    }
    SECTION("a failing one stays a failure") {
        OnFake test(test_with("rig.claim(\"x\", false)", R"(proves = { "RLY-01" })"));
        CHECK(test.run().verdict == Verdict::failed);
    }
}
