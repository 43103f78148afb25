// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/results.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "reports/run_list.hpp"
#include "reports/run_process.hpp"
#include "tests/reports/sample_run.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;
using Catch::Matchers::Contains;

namespace {

const TestKey test{"pack", "acceptance/thresholds.lua", "the charge relay opens at V-max", 1};

RunRecord full_run() {
    RunRecord run;
    run.station = "bench-7";
    run.uuid = "5f0c8a52-6c5e-4a86-9e0e-3f3a4f0b7c11";
    run.started_utc = "2024-05-01T12:00:00Z";
    run.profile = "gen3-hw2";
    run.operated_by = "Ada";
    run.planned = 9;
    run.duts = {{"nest 1", "SN-0042"}, {"nest 2", ""}};
    run.files = {{"firmware", "gen3-hw2/first.elf", "c0ffee"}, {"script", "acceptance/thresholds.lua", "ab"}};
    return run;
}

std::string heading(const Store& store, int run) {
    std::ostringstream out;
    print_run_heading(out, results_of(store, run));
    return out.str();
}

}  // namespace

TEST_CASE("a run keeps who ran it, what was under test, with which files and instruments",
          "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int number = store.begin_run(full_run());
    store.add_instruments(number, {{"cell supply 1", "memory:cell supply 1", "NGI,N83624,1,2"}});
    store.add_instruments(number, {{"cell supply 1", "memory:cell supply 1", "NGI,N83624,1,2"},
                                   {"cell supply 2", "memory:cell supply 2", "NGI,N83624,3,4"}});
    store.end_run(number, "2024-05-01T12:00:09Z", RunEnd::stopped);

    const auto run = store.run(number);
    CHECK(run.operated_by == "Ada");
    CHECK(run.ending == RunEnd::stopped);
    REQUIRE(run.duts.size() == 2);
    CHECK(run.duts[0].serial == "SN-0042");
    REQUIRE(run.files.size() == 2);
    CHECK(run.files[0].sha256 == "c0ffee");
    REQUIRE(run.instruments.size() == 2);
    CHECK(run.instruments[1].identity == "NGI,N83624,3,4");
    CHECK(heading(store, number) ==
          "run 1 on bench-7, 2024-05-01T12:00:00Z, gen3-hw2, operator Ada, nest 1 SN-0042\n"
          "this run was stopped after 0 of 9 tests\n\n");
}

TEST_CASE("what a test printed and was condemned for is kept with its bench time", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(full_run());
    store.begin_test(run, test, {}, 0, 14);
    store.add_event(run, test, 1, {5'000'000'000, "print", "trip at 3.600 V"});
    store.add_event(run, test, 2, {6'000'000'000, "condemned", "board 4: both coils on"});
    store.end_test(run, test, Verdict::failed, "", 7'000'000'000);

    const auto tests = store.tests(run);
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].line == 14);
    REQUIRE(tests[0].events.size() == 2);
    CHECK(tests[0].events[0].text == "trip at 3.600 V");
    CHECK(tests[0].events[1].kind == "condemned");
    CHECK(tests[0].events[1].bench_ns == 6'000'000'000);
}

TEST_CASE("a margin is the distance to the nearer limit, in the store and in reports", "[reports][store]") {
    using Maybe = std::optional<double>;
    const auto [value, low, high, margin] = GENERATE(table<Maybe, Maybe, Maybe, Maybe>({
        {3.5, 3.0, 4.5, 0.5},
        {4.25, 3.0, 4.5, 0.25},
        {5.0, 3.0, 4.5, -0.5},
        {2.0, 3.0, 4.5, -1.0},
        {2.0, 1.5, std::nullopt, 0.5},
        {2.0, std::nullopt, 1.5, -0.5},
        {2.0, std::nullopt, std::nullopt, std::nullopt},
        {std::nan(""), 1.0, 2.0, std::nullopt},
        {std::nullopt, std::nullopt, std::nullopt, std::nullopt},
    }));
    CheckRecord check;
    check.value = value;
    check.low = low;
    check.high = high;
    CHECK(margin_of(check) == margin);

    TemporaryFolder folder;
    {
        Store store{folder / "rig.sqlite"};
        const int run = store.begin_run(full_run());
        store.begin_test(run, test, {}, 0);
        store.add_check(run, test, check);
    }
    SQLite::Database database{(folder / "rig.sqlite").string()};
    const auto stored = database.execAndGet("SELECT margin FROM checks");
    CHECK(stored.isNull() == !margin.has_value());
    if (margin) CHECK(stored.getDouble() == *margin);
}

TEST_CASE("a run whose process is gone was killed; while it is there it is running", "[reports][store]") {
    TemporaryFolder folder;
    auto record = full_run();
    int go_on[2];
    REQUIRE(pipe(go_on) == 0);
    const auto child = fork();
    if (child == 0) {
        Store store{folder / "rig.sqlite"};
        record.process = this_process();
        const int run = store.begin_run(record);
        store.begin_test(run, test, {}, 0);
        const auto told = write(go_on[1], "x", 1);
        for (;;)
            pause();
        _exit(static_cast<int>(told));
    }
    char told;
    REQUIRE(read(go_on[0], &told, 1) == 1);
    const Store store{folder / "rig.sqlite"};
    CHECK(store.run(1).ending == RunEnd::running);
    CHECK_THAT(heading(store, 1), Contains("this run is running after 1 of 9 tests"));

    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    CHECK(store.run(1).ending == RunEnd::killed);
    const auto results = results_of(store, 1);
    CHECK(results.verdict() == Verdict::error);
    REQUIRE(results.tests.size() == 1);
    CHECK(results.tests[0].verdict == Verdict::error);
    CHECK(results.tests[0].message == "the run ended in this test");
}

TEST_CASE("a process that has the number of another is not taken for it", "[reports][store]") {
    CHECK(is_there(this_process()));
    auto other = this_process();
    other.back() = other.back() == '1' ? '2' : '1';
    CHECK_FALSE(is_there(other));
    CHECK_FALSE(is_there(""));
}

TEST_CASE("a run is found by its number or the beginning of its UUID", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    auto record = full_run();
    const int first = store.begin_run(record);
    record.uuid = "5f0c8a53-0000-4a86-9e0e-3f3a4f0b7c11";
    const int second = store.begin_run(record);
    CHECK(store.find_run("2") == second);
    CHECK(store.find_run("5f0c8a52") == first);
    CHECK_THROWS_WITH(store.find_run("5f0c8a5"), Contains("it has several runs that begin with 5f0c8a5"));
    CHECK_THROWS_WITH(store.find_run("12"), Contains("it has no run 12; rig report --list"));

    std::ostringstream list;
    print_run_list(list, store);
    CHECK_THAT(list.str(),
               Contains("1  5f0c8a52  2024-05-01T12:00:00Z  error     gen3-hw2   0 tests: 0 passed, "
                        "killed after 0 of 9 tests\n"));
}
