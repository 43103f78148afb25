// SPDX-License-Identifier: GPL-3.0-or-later
// The program on a bench whose instruments it reaches over the operating system's links. The
// instruments are twins, played by the test in real time.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/rig/table.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;
using reports::Verdict;

namespace {

const std::string looks = R"(
rig.test("one", { needs = { "cell" } }, function(bench)
  rig.check("cell 2 as every test finds it", bench.cell[2]:voltage_v(), { min = 3.29, max = 3.31, unit = "V" })
  bench.cell[2]:set_v(3.5)
  rig.check("cell 2", bench.cells:voltages_v()[2], { min = 3.49, max = 3.51, unit = "V" })
  left_over = true
end)
rig.test("another", { needs = { "cell" } }, function(bench)
  rig.check("cell 2 as every test finds it", bench.cell[2]:voltage_v(), { min = 3.29, max = 3.31, unit = "V" })
  rig.claim("nothing is left over", left_over == nil)
end)
rig.test("lines it has not got", { needs = { "app" } }, function(bench) end)
)";

}  // namespace

TEST_CASE("tests run on real links as on simulated ones: each from the same state, off at the end",
          "[rig][program][links]") {
    Table table;
    table.begin(looks);
    const int code = table.join();
    INFO(table.rig.out << table.rig.err);
    CHECK(code == 0);
    const auto tests = table.rig.stored();
    REQUIRE(tests.size() == 3);
    for (const auto& test : tests) {
        INFO(test.key.name << ": " << test.message);
        CHECK(test.verdict == (test.key.name == "lines it has not got" ? Verdict::skipped : Verdict::passed));
    }
    CHECK_FALSE(table.first.driven());
    CHECK_FALSE(table.second.driven());
}

TEST_CASE("for a test that a real bench cannot run, its boards are not even switched on",
          "[rig][program][links]") {
    Table table;
    table.begin(R"(
rig.test("inside a board", { needs = { "cell", "probe" } }, function(bench) end)
rig.test("at the app's line", { needs = { "app" } }, function(bench) end)
)");
    CHECK(table.join() == 0);
    const auto tests = table.rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].verdict == Verdict::skipped);
    CHECK(tests[0].message == "this bench has no app");
    CHECK(tests[1].message == "this bench has no probe");
    CHECK_FALSE(table.was_on);
}

TEST_CASE("an instrument that is not there is one error, named with its link", "[rig][program][links]") {
    Table table;
    table.supply.close();
    table.begin(looks);
    CHECK(table.join() == 2);
    CHECK_THAT(table.rig.out,
               Contains("cell supply 1: " + table.supply.name() + ": no connection: Connection refused") &&
                   Contains("not run, as the one before"));
}

TEST_CASE("an instrument lost in the middle of a test ends it with an error, and the bench goes off",
          "[rig][program][links]") {
    Table table;
    table.begin(R"(
rig.test("long", { needs = { "cell" } }, function(bench)
  rig.claim("it runs", true)
  for i = 1, 10000 do bench.cell[1]:voltage_v() end
end))");
    REQUIRE(table.play_until([&] { return table.first.driven() && table.second.driven(); }));
    table.supply.hang_up();
    CHECK(table.join() == 2);
    const auto test = table.rig.stored().at(0);
    CHECK(test.verdict == Verdict::error);
    CHECK_THAT(test.message, Contains("cell supply 1: ") && Contains(table.supply.name()) &&
                                 Contains("closed by the peer"));
    CHECK_FALSE(table.first.driven());
    CHECK_FALSE(table.second.driven());
}

TEST_CASE("a real bench that waits hears Ctrl-C and goes off", "[rig][program][links]") {
    Table table;
    table.begin(R"(
rig.test("waits", { needs = { "cell" }, limit_s = 3600 }, function(bench) print("on") rig.wait(3000) end))");
    const auto begin = table.clock.now();
    REQUIRE(table.play_until([&] { return table.first.driven() && table.second.driven(); }));
    ::kill(table.rig.process, SIGINT);
    CHECK(table.join() == 2);
    CHECK(table.clock.now() - begin < Nanoseconds{60'000'000'000});
    CHECK_FALSE(table.first.driven());
    CHECK_FALSE(table.second.driven());
}
