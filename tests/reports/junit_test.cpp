// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/junit.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "reports/report_file.hpp"
#include "reports/xml_text.hpp"
#include "tests/reports/golden.hpp"
#include "tests/reports/sample_run.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;
using Catch::Matchers::Contains;

namespace {

bool valid(const std::filesystem::path& file) {
    const auto command = std::string{"xmllint --noout --schema "} + RIG_TESTS_FOLDER +
                         "/reports/junit-strict.xsd " + file.string() + " 2>" + file.string() + ".log";
    return std::system(command.c_str()) == 0;
}

bool xmllint_is_missing() {
    return std::system("xmllint --version 2>/dev/null") != 0;
}

std::string strict_junit(const Store& store, int run) {
    return junit_text(results_of(store, run), JunitDialect::strict);
}

/// One run of tests that passed, as JUnit.
std::string junit_of(const std::vector<TestKey>& tests) {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    RunRecord record;
    record.started_utc = "2024-05-01T12:00:00Z";
    record.station = "bench-7";
    const int run = store.begin_run(record);
    for (const auto& test : tests) {
        store.begin_test(run, test, {}, 0);
        store.end_test(run, test, Verdict::passed, "", 1);
    }
    write_report_file(folder / "junit.xml", strict_junit(store, run));
    if (!xmllint_is_missing()) CHECK(valid(folder / "junit.xml"));
    return contents(folder / "junit.xml");
}

}  // namespace

TEST_CASE("a JUnit report is what Jenkins reads, byte by byte", "[reports][junit]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store_sample_run(store);
    write_report_file(folder / "junit.xml", strict_junit(store, run));
    const auto found = contents(folder / "junit.xml");
    CHECK(found == golden("junit.xml", found));
}

TEST_CASE("a JUnit report is valid, and the schema would tell", "[reports][junit]") {
    if (xmllint_is_missing()) {
        WARN("skipped: xmllint is not installed");
        return;
    }
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    write_report_file(folder / "junit.xml", strict_junit(store, store_sample_run(store)));
    const bool is_valid = valid(folder / "junit.xml");
    INFO(contents(folder / "junit.xml.log"));
    CHECK(is_valid);

    const auto [from, to] = GENERATE(table<std::string, std::string>({
        {"<testcase ", "<testcase file=\"a.lua\" "},
        {"<testcase ", "<testcase line=\"1\" "},
        {"<system-out>", "<properties/><system-out>"},
        {" errors=", " mistakes="},
        {"time=\"3725.001\"", "time=\"3725.0012\""},
        {"bytes  that XML cannot hold, \xEF\xBF\xBD\xEF\xBF\xBD( and \xC3\xA4",
         "a board balances &quot;above&quot; &lt;V-balance&gt; &amp; stops at it"},
    }));
    auto broken = contents(folder / "junit.xml");
    const auto place = broken.find(from);
    REQUIRE(place != std::string::npos);
    broken.replace(place, from.size(), to);
    write_report_file(folder / "broken.xml", broken);
    CHECK_FALSE(valid(folder / "broken.xml"));
}

TEST_CASE("class and name are unique whatever scripts and tests are called", "[reports][junit]") {
    const auto text = junit_of({{"pack", "a.b.lua", "x", 1},
                                {"pack", "a_b.lua", "x", 1},
                                {"pack", "a/b.lua", "x", 1},
                                {"pack", "a/b.lua", "x", 2},
                                {"pack", "a/b.lua", "x (attempt 2)", 1},
                                {"pack", "a/b.lua", "x\x01", 1}});
    CHECK_THAT(text, Contains(R"-(classname="a_b" name="x" )-"));
    CHECK_THAT(text, Contains(R"-(classname="a_b (2)" name="x" )-"));
    CHECK_THAT(text, Contains(R"-(classname="a.b" name="x" )-"));
    CHECK_THAT(text, Contains(R"-(classname="a.b" name="x (attempt 2)" )-"));
    CHECK_THAT(text, Contains(R"-(classname="a.b" name="x (attempt 2) (2)" )-"));
    CHECK_THAT(text, Contains(R"-(classname="a.b" name="x (2)" )-"));

    SECTION("and say which board where a run tested several") {
        const auto two = junit_of({{"pack 1", "a.lua", "x", 1}, {"pack 2", "a.lua", "x", 1}});
        CHECK_THAT(two, Contains(R"(name="x [pack 1]")") && Contains(R"(name="x [pack 2]")"));
    }
}

TEST_CASE("what a script names a check cannot end a property early", "[reports][junit]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run({});
    const TestKey test{"pack", "a.lua", "x", 1};
    store.begin_test(run, test, {}, 0);
    CheckRecord check;
    check.number = 1;
    check.name = "cell[k[2]] = status\nword";
    check.value = 3;
    check.unit = "[V]";
    store.add_check(run, test, check);
    store.end_test(run, test, Verdict::passed, "", 1);
    write_report_file(folder / "junit.xml", strict_junit(store, run));
    CHECK_THAT(contents(folder / "junit.xml"), Contains("[[PROPERTY|cell[k[2] ] : status word=3 [V] ]]\n"));
}

TEST_CASE("a run without tests is a valid report without suites", "[reports][junit]") {
    CHECK_THAT(junit_of({}), Contains(R"(tests="0")"));
}

TEST_CASE("a report is replaced whole, or not at all", "[reports][junit]") {
    TemporaryFolder folder;
    write_report_file(folder / "out" / "report.xml", "old");
    CHECK(contents(folder / "out" / "report.xml") == "old");
    const auto inode = [&] {
        struct stat status {};
        stat((folder / "out" / "report.xml").c_str(), &status);
        return status.st_ino;
    };
    const auto before = inode();
    write_report_file(folder / "out" / "report.xml", "new");
    CHECK(contents(folder / "out" / "report.xml") == "new");
    CHECK(inode() != before);

    SECTION("readable for whom the umask lets read") {
        const auto before_mask = umask(022);
        write_report_file(folder / "out" / "report.xml", "new");
        umask(before_mask);
        CHECK(std::filesystem::status(folder / "out" / "report.xml").permissions() ==
              static_cast<std::filesystem::perms>(0644));
    }
    SECTION("leaving no other file behind") {
        const auto entries = std::filesystem::directory_iterator{folder / "out"};
        CHECK(std::distance(begin(entries), end(entries)) == 1);
    }
    SECTION("not even when it cannot be put in place") {
        std::filesystem::create_directories(folder / "taken" / "report.xml" / "full");
        CHECK_THROWS_WITH(write_report_file(folder / "taken" / "report.xml", "new"),
                          Contains("report.xml: it cannot be written") && Contains("choose a file"));
        const auto entries = std::filesystem::directory_iterator{folder / "taken"};
        CHECK(std::distance(begin(entries), end(entries)) == 1);
    }
    SECTION("nor below a file") {
        CHECK_THROWS_AS(write_report_file(folder / "out" / "report.xml" / "x", "new"), ReportError);
    }
}

TEST_CASE("text for XML keeps what XML can hold", "[reports][junit]") {
    const auto [bytes, text] = GENERATE(table<std::string, std::string>({
        {"plain <&>", "plain <&>"},
        {"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x94\x8B", "\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x94\x8B"},
        {std::string{"a\0b\x1B[31mc\x7F", 10}, "ab[31mc\x7F"},
        {"tab\tline\n", "tab\tline\n"},
        {"\xEF\xBF\xBE\xEF\xBF\xBF", ""},                          // U+FFFE, U+FFFF
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // a surrogate
        {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},                  // overlong
        {"\xE0\x80\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // beyond U+10FFFF
        {"cut \xE2\x82", "cut \xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xFF", "\xEF\xBF\xBD"},
    }));
    CHECK(xml_text(bytes) == text);
}

TEST_CASE("a report that goes into a pipe or a device is written there, and does not take its place",
          "[reports]") {
    const rig::reports::TemporaryFolder folder;
    const auto pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    rig::reports::write_report_file(pipe, "the report");
    char read[64];
    CHECK(std::string(read, static_cast<std::size_t>(::read(reader, read, sizeof read))) == "the report");
    ::close(reader);
    CHECK(std::filesystem::is_fifo(pipe));
}
