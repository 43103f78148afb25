// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/runner.hpp"

#include <signal.h>

#include <catch2/catch.hpp>

#include "rig/collect.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

namespace {

class Heard : public RunListener {
public:
    void test_ended(const reports::TestRecord& test, const std::string& text) override {
        ended.push_back(test.key.name);
        printed += text;
    }
    void stopping() override { ++stops; }
    void store_waits(const std::string&, int) override { ++waits; }
    void store_failed(const std::string& complaint) override { failure = complaint; }

    std::vector<std::string> ended;
    std::string printed;
    int stops = 0, waits = 0;
    std::string failure;
};

BootedBench fake_bench(const PackWanted& pack) {
    auto bench = std::make_unique<FakeBench>(pack.cells);
    for (const auto& cell : bench->own_cells) {
        cell->set_voltage(Volts{3.3});
        cell->output_on();
    }
    bench->test_clock.run_for(Nanoseconds{1'000'000'000});
    return {std::move(bench), ""};
}

const std::string head = "local rig = require(\"rig\")\nrig.api(1)\n";

struct OnRunner {
    RunTotals run(const std::string& text, int jobs = 2) {
        const ScriptFile file{folder.write("acceptance/one.lua", text), "acceptance/one.lua",
                              folder.path / "lib"};
        const CollectedScript collected = collect(file, some_limits());
        REQUIRE(collected.error.empty());
        RunPlan plan;
        plan.scripts = {file};
        for (std::size_t i = 0; i < collected.tests.size(); ++i) {
            plan.tests.push_back({0, i, collected.tests[i], {collected.tests[i].cells.value_or(2)}, skip});
        }
        plan.limits = some_limits();
        plan.open = open;
        plan.jobs = jobs;
        Runner runner(plan);
        reports::Store store(folder.path / "store.sqlite");
        const int number = store.begin_run({"station", std::to_string(++runs), "", "", "", "", 1});
        const RunTotals totals = runner.run(store, number, heard);
        if (stop_at_the_end) ::raise(SIGINT);
        tests = store.tests(number);
        return totals;
    }

    const reports::TestRecord& test(const std::string& name) const {
        for (const auto& record : tests) {
            if (record.key.name == name) return record;
        }
        FAIL("no test " << name);
        return tests.front();
    }

    Folder folder;
    OpenBench open = fake_bench;
    std::string skip;
    bool stop_at_the_end = false;
    Heard heard;
    int runs = 0;
    std::vector<reports::TestRecord> tests;
};

}  // namespace

TEST_CASE("tests run in forks of the booted bench and every check is stored", "[rig][runner]") {
    OnRunner on;
    const RunTotals totals = on.run(head + R"(
rig.test("b passes", {}, function(bench)
  bench.cell[1]:set_v(3.1) rig.claim("one", true) rig.check("two", 1, rig.limits.at_most)
end)
rig.test("a fails", {}, function(bench) rig.check("as it was booted", bench.cell[1]:voltage_v(), { max = 3.2, unit = "V" }) end))");

    CHECK(totals.ran == 2);
    CHECK(totals.failed == 1);
    CHECK(totals.errors == 0);
    REQUIRE(on.tests.size() == 2);
    CHECK(on.test("b passes").verdict == Verdict::passed);
    CHECK(on.test("b passes").checks.size() == 2);
    CHECK(on.test("a fails").checks.at(0).value == 3.3);
    CHECK(on.test("a fails").began_ns == 1'000'000'000);
    CHECK(on.test("a fails").ended_ns == 1'001'000'000);
    CHECK_THAT(on.test("a fails").message, Catch::Contains("of run seed 1"));
}

TEST_CASE("results are the same however many tests run at a time", "[rig][runner]") {
    std::string text = head;
    for (int i = 0; i < 12; ++i) {
        text += "rig.test('t" + std::to_string(i) +
                "', {}, function(bench) for i = 1, math.random(5) do rig.wait(math.random()) "
                "rig.check('n', math.random(), { max = 0.9 }) end end)\n";
    }
    OnRunner one, four;
    one.run(text, 1);
    four.run(text, 4);
    REQUIRE(one.tests.size() == four.tests.size());
    for (std::size_t i = 0; i < one.tests.size(); ++i) {
        CHECK(one.tests[i].key.name == four.tests[i].key.name);
        CHECK(one.tests[i].message == four.tests[i].message);
        CHECK(one.tests[i].ended_ns == four.tests[i].ended_ns);
        REQUIRE(one.tests[i].checks.size() == four.tests[i].checks.size());
        for (std::size_t c = 0; c < one.tests[i].checks.size(); ++c) {
            CHECK(one.tests[i].checks[c].value == four.tests[i].checks[c].value);
            CHECK(one.tests[i].checks[c].bench_ns == four.tests[i].checks[c].bench_ns);
        }
    }
}

TEST_CASE("a test with its own cell count gets a bench of that size", "[rig][runner]") {
    OnRunner on;
    const RunTotals totals = on.run(head + R"(
rig.test("two", {}, function(bench) rig.equal("count", bench.count, 2) end)
rig.test("seven", { cells = 7 }, function(bench) rig.equal("count", bench.count, 7) end)
rig.test("seven again", { cells = 7 }, function(bench) rig.equal("count", bench.count, 7) end))");
    CHECK(totals.ran == 3);
    CHECK(totals.failed + totals.errors == 0);
}

TEST_CASE("a test whose process dies is an error that names the signal; the others run", "[rig][runner]") {
    OnRunner on;
    on.open = [](const PackWanted& pack) {
        struct Trap : FakeBench {
            using FakeBench::FakeBench;
            void reseed(std::uint64_t) override {}
            std::vector<std::string> condemnations() const override {
                if (own_cells[0]->volts == Volts{1.0}) ::raise(SIGKILL);
                return {};
            }
        };
        auto bench = std::make_unique<Trap>(pack.cells);
        bench->test_clock.run_for(Nanoseconds{1});
        return BootedBench{std::move(bench), ""};
    };
    const RunTotals totals = on.run(head + R"(
rig.test("dies", {}, function(bench) rig.claim("before", true) bench.cell[1]:set_v(1) end)
rig.test("lives", {}, function(bench) end))");
    CHECK(totals.errors == 1);
    CHECK(on.test("dies").verdict == Verdict::error);
    CHECK_THAT(on.test("dies").message, Catch::Contains("signal 9"));
    CHECK(on.test("dies").checks.size() == 1);
    CHECK(on.test("lives").verdict == Verdict::passed);
}

TEST_CASE("a loop inside a library function is ended by the watchdog", "[rig][runner]") {
    OnRunner on;
    const RunTotals totals = on.run(head + R"(
rig.test("stuck", {}, function(bench)
  local s = ("a"):rep(40)
  s:find(("a*"):rep(20) .. "b")
end)
rig.test("lives", {}, function(bench) end))");
    CHECK(totals.errors == 1);
    CHECK_THAT(on.test("stuck").message, Catch::Contains("inside one library call"));
    CHECK_THAT(on.test("stuck").message, Catch::Contains("acceptance/one.lua:6"));
    CHECK(on.test("lives").verdict == Verdict::passed);
}

TEST_CASE("a bench that does not open is an error of its tests, told in full once", "[rig][runner]") {
    OnRunner on;
    on.open = [](const PackWanted& pack) -> BootedBench {
        if (pack.cells == 7) throw InstrumentError("cell supply 1", "no answer\n  try     switch it on");
        return fake_bench(pack);
    };
    const RunTotals totals = on.run(head + R"(
rig.test("seven", { cells = 7 }, function() end)
rig.test("seven again", { cells = 7 }, function() end)
rig.test("two", {}, function() end))");
    CHECK(totals.errors == 2);
    CHECK(on.test("seven").message == "cell supply 1: no answer\n  try     switch it on");
    CHECK(on.test("seven again").message == "not run, as the one before: cell supply 1: no answer");
    CHECK(on.test("two").verdict == Verdict::passed);
}

TEST_CASE("a bench whose process dies is an error of its tests; other benches go on", "[rig][runner]") {
    OnRunner on;
    on.open = [](const PackWanted& pack) -> BootedBench {
        if (pack.cells == 7) ::raise(SIGKILL);
        return fake_bench(pack);
    };
    on.run(head + "rig.test('seven', { cells = 7 }, function() end)\nrig.test('two', {}, function() end)");
    CHECK_THAT(on.test("seven").message, Catch::Contains("signal 9"));
    CHECK(on.test("two").verdict == Verdict::passed);
}

TEST_CASE("a skipped test is recorded with its reason and proves nothing", "[rig][runner]") {
    OnRunner on;
    on.skip = "this bench has 2 cells, the test wants 7";
    const RunTotals totals = on.run(head + "rig.test('x', {}, function() rig.claim('ran', true) end)");
    CHECK(totals.ran == 0);
    CHECK(on.test("x").verdict == Verdict::skipped);
    CHECK(on.test("x").message == on.skip);
    CHECK(on.test("x").checks.empty());
}

TEST_CASE("what a test prints is heard when it has ended", "[rig][runner]") {
    OnRunner on;
    on.run(head + "rig.test('x', {}, function() print('hello') print('world') end)");
    CHECK(on.heard.printed == "hello\nworld\n");
}

TEST_CASE("asked to stop, running tests tear down and end, and no others begin", "[rig][runner]") {
    OnRunner on;
    // The test itself sends the signal, once it runs: the program's own process is the bench's parent.
    const pid_t program = ::getpid();
    on.open = [program](const PackWanted& pack) {
        struct Bell : FakeBench {
            explicit Bell(int count, pid_t to) : FakeBench(count), program(to) {}
            void reseed(std::uint64_t) override { ::kill(program, SIGTERM); }
            pid_t program;
        };
        return BootedBench{std::make_unique<Bell>(pack.cells, program), ""};
    };
    const RunTotals totals = on.run(head + R"(
rig.tear_down(function() rig.claim("torn down", true) end)
rig.test("a", { limit_s = 1e9 }, function() while true do rig.wait(0.1) end end)
rig.test("b", {}, function() end))",
                                    1);
    CHECK(totals.stopped);
    CHECK(on.heard.stops == 1);
    REQUIRE(on.tests.size() == 1);
    CHECK_THAT(on.tests[0].message, Catch::StartsWith("stopped by the operator"));
    CHECK(on.tests[0].verdict == Verdict::error);
}

TEST_CASE("asked to stop when the last test has ended, the program writes its reports all the same",
          "[rig][runner]") {
    OnRunner on;
    on.stop_at_the_end = true;
    const RunTotals totals = on.run(head + "rig.test('x', {}, function() rig.claim('fine', true) end)");
    CHECK_FALSE(totals.stopped);
    CHECK(on.tests.size() == 1);
}
