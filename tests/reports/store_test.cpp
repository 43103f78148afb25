// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/store.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "tests/reports/store_dump.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;

namespace {

RunRecord some_run(const std::string& uuid = "5f0c8a52-6c5e-4a86-9e0e-3f3a4f0b7c11") {
    return {.station = "bench-7",
            .uuid = uuid,
            .started_utc = "2024-05-01T12:00:00Z",
            .rig_version = "0.1.0",
            .fixture = "gen3-hw2-4s.toml",
            .profile = "gen3-hw2",
            .seed = 18446744073709551615u};
}

const TestKey vmax{"pack", "acceptance/thresholds.lua", "the charge relay opens at V-max", 1};
const TestKey vmin{"pack", "acceptance/thresholds.lua", "the load relay opens at V-min", 1};

CheckRecord trip(int number = 1) {
    return {.number = number,
            .name = "V-max trip, cell 2",
            .verdict = Verdict::failed,
            .value = 3.0 + 0.6620000000000001,
            .low = 3.58,
            .high = 3.62,
            .unit = "V",
            .proves = {"RLY-01", "RLY-12"},
            .script_line = "acceptance/thresholds.lua:14",
            .bench_ns = 41'000'000'123,
            .detail = ""};
}

CheckRecord claim(int number) {
    CheckRecord check;
    check.number = number;
    check.name = "the load relay stays closed";
    check.script_line = "acceptance/thresholds.lua:15";
    check.bench_ns = 42'000'000'000;
    check.detail = "asked every 0.1 s";
    return check;
}

void equal(const CheckRecord& a, const CheckRecord& b) {
    CHECK(a.number == b.number);
    CHECK(a.name == b.name);
    CHECK(a.verdict == b.verdict);
    CHECK(a.value == b.value);
    CHECK(a.low == b.low);
    CHECK(a.high == b.high);
    CHECK(a.unit == b.unit);
    CHECK(a.proves == b.proves);
    CHECK(a.script_line == b.script_line);
    CHECK(a.bench_ns == b.bench_ns);
    CHECK(a.detail == b.detail);
}

}  // namespace

TEST_CASE("a store gives back what it was given, to the last bit", "[reports][store]") {
    TemporaryFolder folder;
    {
        Store store{folder / "rig.sqlite"};
        const int run = store.begin_run(some_run());
        store.begin_test(run, vmax, {"relay", "long"}, 1'000);
        store.add_check(run, vmax, trip(1));
        store.add_check(run, vmax, claim(2));
        store.end_test(run, vmax, Verdict::failed, "1 of 2 checks failed", 43'000'000'000);
        store.end_run(run, "2024-05-01T12:00:09Z");
    }
    const Store store{folder / "rig.sqlite"};

    const auto run = store.run(store.latest_run());
    CHECK(run.station == "bench-7");
    CHECK(run.uuid == some_run().uuid);
    CHECK(run.started_utc == "2024-05-01T12:00:00Z");
    CHECK(run.rig_version == "0.1.0");
    CHECK(run.fixture == "gen3-hw2-4s.toml");
    CHECK(run.profile == "gen3-hw2");
    CHECK(run.seed == 18446744073709551615u);

    const auto tests = store.tests(store.latest_run());
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].key.dut == "pack");
    CHECK(tests[0].key.file == "acceptance/thresholds.lua");
    CHECK(tests[0].key.name == "the charge relay opens at V-max");
    CHECK(tests[0].key.attempt == 1);
    CHECK(tests[0].verdict == Verdict::failed);
    CHECK(tests[0].message == "1 of 2 checks failed");
    CHECK(tests[0].tags == std::vector<std::string>{"long", "relay"});
    CHECK(tests[0].began_ns == 1'000);
    CHECK(tests[0].ended_ns == 43'000'000'000);
    REQUIRE(tests[0].checks.size() == 2);
    equal(tests[0].checks[0], trip(1));
    equal(tests[0].checks[1], claim(2));
}

TEST_CASE("every verdict survives the store", "[reports][store]") {
    const auto verdict = GENERATE(Verdict::passed, Verdict::failed, Verdict::error, Verdict::skipped);
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(some_run());
    store.begin_test(run, vmax, {}, 0);
    store.end_test(run, vmax, verdict, "", 1);
    CHECK(store.tests(run).at(0).verdict == verdict);
}

TEST_CASE("a measurement that is not a number stays one, and does not become a claim", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(some_run());
    store.begin_test(run, vmax, {}, 0);
    auto check = trip(1);
    check.value = std::numeric_limits<double>::quiet_NaN();
    store.add_check(run, vmax, check);
    check = trip(2);
    check.value = -std::numeric_limits<double>::infinity();
    check.low = std::nullopt;
    store.add_check(run, vmax, check);

    const auto checks = store.tests(run).at(0).checks;
    REQUIRE(checks.size() == 2);
    REQUIRE(checks[0].value);
    CHECK(std::isnan(*checks[0].value));
    CHECK(checks[1].value == -std::numeric_limits<double>::infinity());
    CHECK(checks[1].low == std::nullopt);
}

TEST_CASE("whatever bytes a script names a test with come back unchanged", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(some_run());
    const TestKey odd{"pack", "a.lua", std::string{"\0\xff 'quoted'; DROP TABLE tests; --", 33}, 1};
    store.begin_test(run, odd, {}, 0);
    store.end_test(run, odd, Verdict::passed, "", 1);
    CHECK(store.tests(run).at(0).key.name == odd.name);
}

TEST_CASE("tests come ordered by file, name, board and attempt", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(some_run());
    const std::vector<TestKey> ordered{
        {"pack", "a.lua", "x", 1},   {"pack", "b.lua", "x", 1},    {"pack 1", "b.lua", "y", 1},
        {"pack 1", "b.lua", "y", 2}, {"pack 1", "b.lua", "y", 10}, {"pack 2", "b.lua", "y", 1},
    };
    for (const std::size_t i : {3, 5, 0, 4, 1, 2})
        store.begin_test(run, ordered[i], {}, 0);

    const auto tests = store.tests(run);
    REQUIRE(tests.size() == ordered.size());
    for (std::size_t i = 0; i < tests.size(); ++i) {
        CHECK(tests[i].key.dut == ordered[i].dut);
        CHECK(tests[i].key.file == ordered[i].file);
        CHECK(tests[i].key.name == ordered[i].name);
        CHECK(tests[i].key.attempt == ordered[i].attempt);
    }
}

TEST_CASE("a test that never ended is an error that says so", "[reports][store]") {
    TemporaryFolder folder;
    {
        Store store{folder / "rig.sqlite"};
        const int run = store.begin_run(some_run());
        store.begin_test(run, vmax, {}, 40'000'000'000);
        store.add_check(run, vmax, trip());
    }
    const Store store{folder / "rig.sqlite"};
    const auto test = store.tests(store.latest_run()).at(0);
    CHECK(test.verdict == Verdict::error);
    CHECK(test.message == "the run ended in this test");
    CHECK(test.checks.size() == 1);
    CHECK(test.ended_ns == trip().bench_ns);
}

TEST_CASE("equal results make equal tables, in whatever order they come in", "[reports][store]") {
    TemporaryFolder folder;
    {
        Store store{folder / "one.sqlite"};
        const int run = store.begin_run(some_run("first"));
        for (const auto& key : {vmax, vmin}) {
            store.begin_test(run, key, {"relay", "slow"}, 0);
            store.add_check(run, key, trip(1));
            store.add_check(run, key, claim(2));
            store.end_test(run, key, Verdict::failed, "", 5);
        }
    }
    {
        Store store{folder / "other.sqlite"};
        auto later = some_run("second");
        later.started_utc = "2031-01-01T00:00:00Z";
        const int run = store.begin_run(later);
        store.begin_test(run, vmin, {"slow", "relay"}, 0);
        store.begin_test(run, vmax, {"relay", "slow"}, 0);
        for (const auto& check : {trip(1), claim(2)}) {
            store.add_check(run, vmin, check);
            store.add_check(run, vmax, check);
        }
        store.end_test(run, vmin, Verdict::failed, "", 5);
        store.end_test(run, vmax, Verdict::failed, "", 5);
    }
    const auto one = dump_tables(folder / "one.sqlite");
    CHECK(one == dump_tables(folder / "other.sqlite"));
    CHECK(one.find("V-max trip, cell 2") != std::string::npos);

    SECTION("and one different bit shows") {
        Store store{folder / "other.sqlite"};
        auto check = claim(3);
        store.add_check(1, vmin, check);
        CHECK(one != dump_tables(folder / "other.sqlite"));
    }
}

TEST_CASE("the runs of a station are numbered and kept apart", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int first = store.begin_run(some_run("first"));
    const int second = store.begin_run(some_run("second"));
    CHECK(second == first + 1);
    CHECK(store.latest_run() == second);
    store.begin_test(first, vmax, {}, 0);
    store.begin_test(second, vmax, {}, 0);
    store.begin_test(second, vmin, {}, 0);
    CHECK(store.tests(first).size() == 1);
    CHECK(store.tests(second).size() == 2);
}

TEST_CASE("two programs can write into one store at the same time", "[reports][store]") {
    TemporaryFolder folder;
    Store one{folder / "rig.sqlite"};
    Store other{folder / "rig.sqlite"};
    const int a = one.begin_run(some_run("one"));
    const int b = other.begin_run(some_run("other"));
    one.begin_test(a, vmax, {}, 0);
    other.begin_test(b, vmax, {}, 0);
    for (int number = 1; number <= 20; ++number) {
        one.add_check(a, vmax, claim(number));
        other.add_check(b, vmax, claim(number));
    }
    CHECK(one.tests(a).at(0).checks.size() == 20);
    CHECK(one.tests(b).at(0).checks.size() == 20);
}

TEST_CASE("of each test the last time that it ran on a profile's boards is found", "[store]") {
    const TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const auto ran = [&](const std::string& uuid, const std::string& profile, TestKey test, Verdict verdict,
                         int checks) {
        RunRecord record = some_run(uuid);
        record.profile = profile;
        const int run = store.begin_run(record);
        store.begin_test(run, test, {}, 0);
        for (int number = 1; number <= checks; ++number)
            store.add_check(run, test, claim(number));
        if (verdict != Verdict::error) store.end_test(run, test, verdict, "", 1);
        return run;
    };
    ran("a", "gen3-hw2", vmax, Verdict::passed, 1);
    const int last = ran("b", "gen3-hw2", vmax, Verdict::failed, 2);
    ran("c", "gen3-hw2", vmax, Verdict::skipped, 0);
    ran("d", "gen2-out1", vmax, Verdict::passed, 3);
    const int cut_short = ran("e", "gen3-hw2", vmin, Verdict::error, 1);

    const auto latest = store.latest_tests("gen3-hw2");
    REQUIRE(latest.size() == 2);
    CHECK(latest[0].run == last);
    CHECK(latest[0].record.verdict == Verdict::failed);
    CHECK(latest[0].record.checks.size() == 2);
    CHECK(latest[1].run == cut_short);
    CHECK(latest[1].record.verdict == Verdict::error);
    CHECK(store.latest_tests("gen3-hw1").empty());
}
