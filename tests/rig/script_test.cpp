// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "rig/run_test.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

namespace {

std::string refusal(const std::string& text) {
    try {
        OnFake loaded(text);
    } catch (const ScriptError& error) {
        return error.what();
    }
    return "";
}

const std::string head = "local rig = require(\"rig\")\nrig.api(1)\n";

}  // namespace

TEST_CASE("a script declares tests with all that is to know before they run", "[rig][lua]") {
    OnFake loaded(head + R"(
rig.test("first", { needs = { "app", "sensor[2]" }, proves = { "RLY-01" }, tags = { "slow", "long" }, limit_s = 5, cells = 16 },
  function() end)
rig.test("second", {}, function() end))");

    const auto& tests = loaded.script->tests();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].name == "first");
    CHECK(tests[0].line == 4);
    CHECK(tests[0].needs == std::vector<std::string>{"app", "sensor[2]"});
    CHECK(tests[0].proves == std::vector<std::string>{"RLY-01"});
    CHECK(tests[0].tags == std::vector<std::string>{"long", "slow"});
    CHECK(tests[0].limit_s == 5.0);
    CHECK(tests[0].cells == 16);
    CHECK(tests[1].limit_s == 600.0);
    CHECK_FALSE(tests[1].cells.has_value());
}

TEST_CASE("a script that cannot be loaded is refused with one message that says where", "[rig][lua]") {
    const auto [text, message] = GENERATE_COPY(table<std::string, std::string>({
        {head + "if", "acceptance/one.lua:3: unexpected symbol"},
        {head + "nonsense()", "acceptance/one.lua:3: attempt to call a nil value"},
        {"local rig = require(\"rig\") rig.test(\"x\", {}, function() end)", "begins with rig.api(1)"},
        {"require(\"rig\").api(2)", "this rig speaks version 1"},
        {head, "declares no test"},
        {"", "a script begins with rig.api(1)"},
        {head + "rig.test('a', {}, function() end)\nrig.test('a', {}, function() end)",
         "two tests are named \"a\": lines 3 and 4"},
        {head + "rig.test('a', { needs = { 'relay.chrage' } }, function() end)", "no signal 'relay.chrage'"},
        {head + "rig.test('a', { limits = 3 }, function() end)", "rig.test has no option 'limits'"},
        {head + "rig.test('a', { proves = { 'RLY1' } }, function() end)", "'RLY1' is not a requirement ID"},
        {head + "rig.test('a', { cells = 256 }, function() end)", "cells must be 2 to 255"},
        {head + "rig.test('a', { profiles = { 'gen3-hw3' } }, function() end)",
         "'gen3-hw3' is none; there are gen2-out1, gen2-out2, gen3-hw1, gen3-hw2, and gen2 and gen3"},
        {head + "rig.test('a', { profiles = 'gen3' }, function() end)", "'profiles' must be a list"},
        {head + "rig.test('a', { profiles = {} }, function() end)", "an empty list"},
        {head + "rig.test('a', { profiles = { 'gen2' }, cells = 1 }, function() end)",
         "cells must be 2 to 255"},
        {head + "rig.wait(1)", "inside a test only"},
        {head + "require('lib.absent')", "no module \"lib.absent\""},
        {head + "while true do end", "an endless loop?"},
        {head + "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end",
         "more than 64 MiB of memory"},
    }));

    CAPTURE(text);
    CHECK_THAT(refusal(text), Catch::Contains(message));
    CHECK_THAT(refusal(text), Catch::Contains("acceptance/one.lua"));
}

TEST_CASE("a test that is for other boards is not there, and its name is free", "[rig][lua]") {
    OnFake loaded(head + R"(
print(rig.profile)
rig.test("a", { profiles = { "gen2", "gen3-hw1" } }, function() print("older boards") end)
rig.test("a", { profiles = { "gen3-hw2" } }, function() print("these boards") end)
rig.test("b", { profiles = { "gen2", "gen3" } }, function() end)
rig.test("c", {}, function() print(rig.profile) end))");
    CHECK(loaded.script->printed() == "gen3-hw2\n");
    const auto& tests = loaded.script->tests();
    REQUIRE(tests.size() == 3);
    CHECK(tests[0].line == 6);
    CHECK(tests[1].name == "b");
    loaded.run(0);
    loaded.run(2);
    CHECK(loaded.notes.printed == std::vector<std::string>{"these boards", "gen3-hw2"});
}

TEST_CASE("a script all of whose tests are for other boards is a good one", "[rig][lua]") {
    OnFake loaded(head + "rig.test('a', { profiles = { 'gen2' } }, function() end)");
    CHECK(loaded.script->tests().empty());
}

TEST_CASE("set-up runs before the body and tear-down after it, however it ended", "[rig][lua]") {
    const auto [body, verdict] = GENERATE(table<std::string, Verdict>({
        {"print('body')", Verdict::passed},
        {"print('body') rig.claim('no', false)", Verdict::failed},
        {"print('body') rig.eventually('no', { within_s = 0 }, function() return false end)",
         Verdict::failed},
        {"print('body') error('oops')", Verdict::error},
        {"print('body') rig.wait(1e6)", Verdict::error},
        {"print('body') while true do end", Verdict::error},
    }));
    OnFake test(
        head +
        "rig.set_up(function() print('up') end)\nrig.tear_down(function() rig.wait(1) print('down') end)\n" +
        "rig.test('x', {}, function() " + body + " end)");

    CAPTURE(body);
    CHECK(test.run().verdict == verdict);
    CHECK(test.notes.printed == std::vector<std::string>{"up", "body", "down"});
}

TEST_CASE("a set-up that goes wrong keeps the body from running", "[rig][lua]") {
    OnFake test(head +
                "rig.set_up(function() error('no') end)\nrig.tear_down(function() print('down') end)\n" +
                "rig.test('x', {}, function() print('body') end)");
    CHECK(test.run().verdict == Verdict::error);
    CHECK(test.notes.printed == std::vector<std::string>{"down"});
}

TEST_CASE("a tear-down that goes wrong makes a passed test an error", "[rig][lua]") {
    OnFake test(head + "rig.tear_down(function() error('stuck') end)\nrig.test('x', {}, function() end)");
    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:3: stuck"));
}

TEST_CASE("an error in a helper names the helper's line and the script's", "[rig][lua]") {
    OnFake test(test_with("\nrequire('lib.helper')()"), "return function() local x = nil; return x.y end");
    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::Contains("lib/helper.lua:1: attempt to index a nil value"));
    CHECK_THAT(ending.message, Catch::Contains("script  acceptance/one.lua:4"));
}

TEST_CASE("an error value that is no message does not get its address into the results", "[rig][lua]") {
    OnFake test(test_with("error({})"));
    const Ending ending = test.run();
    CHECK_THAT(ending.message, !Catch::Contains("0x"));
    CHECK_THAT(ending.message, Catch::Contains("acceptance/one.lua:3"));
}

TEST_CASE("a test is skipped, with the reason, where the bench lacks what it needs", "[rig][lua]") {
    OnFake test(test_with("print('ran')", "needs = { 'cell', 'sensor[2]' }"));
    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::skipped);
    CHECK(ending.message == "this bench has no sensor[2]");
    CHECK(test.notes.printed.empty());
}

TEST_CASE("boards that did not come up fail every test, which runs all the same", "[rig]") {
    OnFake test(test_with("print('ran')"));
    const Ending ending = test.run(0, "relay.charge not allowed 60 s after power-up");
    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message, Catch::Contains("relay.charge not allowed 60 s after power-up"));
    CHECK(test.notes.printed == std::vector<std::string>{"ran"});
    CHECK(test.notes.checks.at(0).script_line == "acceptance/one.lua:2");
}

TEST_CASE("an instrument's error is the rig's, and no pcall hides it", "[rig][lua]") {
    OnFake test(test_with("pcall(function() bench.cell[1]:set_v(9) end)"));
    const Ending ending = test.run();
    CHECK(ending.verdict == Verdict::error);
    CHECK_THAT(ending.message, Catch::StartsWith("cell 1: more than the fixture allows"));
}

TEST_CASE("what the bench condemns fails a test that passed", "[rig]") {
    OnFake test(test_with("rig.claim('x', true)"));
    test.bench.condemned = {"board 2 held a coil for 80 ms at 12.5 s"};
    const Ending ending = run_test(*test.script, 0, test.bench, test.notes, 1, "acceptance/one.lua", "");
    CHECK(ending.verdict == Verdict::failed);
    CHECK_THAT(ending.message,
               Catch::StartsWith("the bench condemns the firmware: board 2 held a coil for 80 ms at 12.5 s"));
    CHECK(test.bench.made_safe == 1);
}

TEST_CASE("a test leaves the bench safe however it ended, or says loudly that it is not", "[rig]") {
    OnFake test(test_with("error('oops')"));
    SECTION("safe") {
        CHECK(run_test(*test.script, 0, test.bench, test.notes, 1, "f", "").verdict == Verdict::error);
        CHECK(test.bench.made_safe == 1);
    }
    SECTION("not") {
        test.bench.own_cells[1]->stuck = true;
        const Ending ending = run_test(*test.script, 0, test.bench, test.notes, 1, "f", "");
        CHECK_THAT(
            ending.message,
            Catch::Contains("could not be made safe: bench: NOT confirmed off: cell 2: does not go off"));
    }
}

TEST_CASE("a test's seed depends on the run's seed, the file and the name, and on nothing else", "[rig]") {
    const auto seed = seed_of(1, "a.lua", "x");
    CHECK(seed == seed_of(1, "a.lua", "x"));
    CHECK(seed != seed_of(2, "a.lua", "x"));
    CHECK(seed != seed_of(1, "b.lua", "x"));
    CHECK(seed != seed_of(1, "a.lua", "y"));
    CHECK(seed_of(1, "ab", "c") != seed_of(1, "a", "bc"));

    OnFake test(test_with("print(math.random(1000000))"));
    run_test(*test.script, 0, test.bench, test.notes, 1, "a.lua", "");
    run_test(*test.script, 0, test.bench, test.notes, 1, "a.lua", "");
    run_test(*test.script, 0, test.bench, test.notes, 2, "a.lua", "");
    CHECK(test.bench.seeds[0] == test.bench.seeds[1]);
    CHECK(test.notes.printed[0] == test.notes.printed[1]);
    CHECK(test.notes.printed[0] != test.notes.printed[2]);
}
