// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/console.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/reports/golden.hpp"
#include "tests/reports/sample_run.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

TestRecord ended(const std::string& name, Verdict verdict, double seconds) {
    TestRecord test;
    test.key = {"pack", "acceptance/thresholds.lua", name, 1};
    test.verdict = verdict;
    test.ended_ns = static_cast<std::int64_t>(seconds * 1e9);
    return test;
}

/// The progress of a run of four tests.
std::string progress(bool terminal) {
    std::ostringstream out;
    ConsoleProgress progress{out, terminal};
    progress.begin(10);
    progress.test_ended(ended("the charge relay opens at V-max", Verdict::passed, 12.34), 1, 10);
    progress.test_ended(ended("the load relay opens at V-min", Verdict::failed, 605), 2, 10);
    progress.test_ended(
        ended("a name with a\nline break, so long that no terminal of the usual width could ever hold it",
              Verdict::skipped, 0),
        3, 10);
    progress.test_ended(ended("the count of charge goes on", Verdict::error, 90'000), 10, 10);
    progress.finish();
    return out.str();
}

/// What is on a terminal's screen in the end.
std::string screen(const std::string& written) {
    std::string shown, line;
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (written[i] == '\n') {
            shown += line + "\n";
            line.clear();
        } else if (written.compare(i, 4, "\r\x1b[K") == 0) {
            line.clear();
            i += 3;
        } else {
            line += written[i];
        }
    }
    return shown + line;
}

std::string summary(bool colour) {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    std::ostringstream out;
    print_summary(out, results_of(store, store_sample_run(store)), colour);
    return out.str();
}

}  // namespace

TEST_CASE("in a pipe every test gets a plain line", "[reports][console]") {
    const auto found = progress(false);
    CHECK(found == golden("progress-pipe.txt", found));
}

TEST_CASE("on a terminal only what did not pass stays on the screen", "[reports][console]") {
    CHECK(screen(progress(true)) ==
          "failed  acceptance/thresholds.lua: the load relay opens at V-min\n"
          "error   acceptance/thresholds.lua: the count of charge goes on\n");
}

TEST_CASE("the progress line fits a terminal and says how it stands", "[reports][console]") {
    const auto written = progress(true);
    CHECK_THAT(written, Contains("[ 1/10] acceptance/thresholds.lua: the charge relay opens at V-max"));
    CHECK_THAT(written, Contains("[ 3/10] 1 failed acceptance/thresholds.lua: a name with a line break"));
    CHECK_THAT(written, Contains("[10/10] 1 failed 1 in error"));
    std::size_t length = 0;
    for (const char byte : written) {
        length = byte == '\r' || byte == '\n' ? 0 : length + 1;
        REQUIRE(length <= 79 + 3);  // and the three bytes that clear the line
    }
}

TEST_CASE("the summary tells what failed, by how much, where and what that means", "[reports][console]") {
    const auto found = summary(false);
    CHECK(found == golden("summary.txt", found));
}

TEST_CASE("an error that many tests share is told once", "[reports][console]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run({});
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
        const TestKey test{"pack", "x.lua", name, 1};
        store.begin_test(run, test, {}, 0);
        store.end_test(run, test, Verdict::error, name[0] == 'b' ? "another" : "no image\n  try     build",
                       0);
    }
    std::ostringstream out;
    print_summary(out, results_of(store, run), false);
    CHECK_THAT(out.str(), StartsWith("ERROR  5 tests\n"
                                     "       no image\n"
                                     "         try     build\n"
                                     "         in x.lua: a\n"
                                     "         in x.lua: c\n"
                                     "         in x.lua: d\n"
                                     "         in x.lua: e\n"
                                     "         and 1 more\n"
                                     "\n"
                                     "ERROR  x.lua: b\n"
                                     "       another\n"
                                     "\n"
                                     "6 tests: 0 passed, 6 in error\n"));
}

TEST_CASE("colour changes nothing but the colour", "[reports][console]") {
    std::string plain;
    const auto coloured = summary(true);
    for (std::size_t i = 0; i < coloured.size(); ++i) {
        if (coloured[i] == '\x1b')
            i = coloured.find('m', i);
        else
            plain += coloured[i];
    }
    CHECK(plain == summary(false));
    CHECK_THAT(coloured, Contains("\x1b[31m"));
}

TEST_CASE("a run in which no test ran says so", "[reports][console]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    std::ostringstream out;
    print_summary(out, results_of(store, store.begin_run({})), false);
    CHECK(out.str() == "no test ran\n");
}
