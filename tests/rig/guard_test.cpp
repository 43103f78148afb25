// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a real bench's outputs when the program that switched them on cannot see to them any more.
#include <sqlite3.h>

#include <fstream>

#include "fixtures/dialect_file.hpp"
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/links/link_address.hpp"
#include "instruments/links/open_link.hpp"
#include "rig/guard_line.hpp"
#include "tests/rig/io_board_table.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;
using reports::Verdict;

namespace {

const std::string waits = R"(
rig.test("waits", { needs = { "cell" }, limit_s = 3600 }, function(bench)
  rig.claim("it has begun", true)
  rig.wait(3000)
end))";

/// Of a process, in the order in which they began.
std::vector<pid_t> children(pid_t process) {
    const auto number = std::to_string(process);
    std::ifstream list("/proc/" + number + "/task/" + number + "/children");
    std::vector<pid_t> all;
    for (pid_t child = 0; list >> child;)
        all.push_back(child);
    return all;
}

std::string program_of(pid_t process) {
    std::string name;
    std::ifstream("/proc/" + std::to_string(process) + "/comm") >> name;
    return name;
}

struct Running : Table {
    explicit Running(const std::string& tests = waits) {
        begin(tests);
        REQUIRE(play_until([&] { return both_on() && begun(); }));
    }

    bool begun() const {
        try {
            return std::filesystem::exists(rig.folder.path / "results/rig.sqlite") && !rig.stored().empty() &&
                   !rig.stored()[0].checks.empty();
        } catch (const reports::StoreError&) {
            return false;
        }
    }

    pid_t test() const { return children(children(rig.process).at(0)).at(0); }
    pid_t guard() const { return children(test()).at(0); }
};

}  // namespace

TEST_CASE("a killed rig's outputs go off, its guard says so, and the next rig tells it",
          "[rig][program][guard]") {
    Running table;
    ::kill(table.rig.process, SIGKILL);
    REQUIRE(table.play_until([&] { return table.both_off(); }));
    CHECK_THAT(table.guards_words(), Contains("bench.toml, rig ") && Contains("the rig is gone") &&
                                         Contains("cell supply 1") && Contains("off, confirmed after"));
    CHECK(table.join() == 1000 + SIGKILL);
    const auto test = table.rig.stored().at(0);
    CHECK(test.verdict == Verdict::error);
    CHECK(test.checks.size() == 1);

    Program next;
    table.describe(next);
    std::filesystem::create_directories(next.folder.path / "results");
    const GuardRecord record(next.folder.path / "results", next.folder.path / "bench.toml");
    std::filesystem::copy(table.guard_record().file(), record.file());
    Table::begin(next,
                 "rig.test('one', { needs = { 'cell' } }, function() rig.claim('it goes on', true) end)");
    CHECK(table.join(next) == 0);
    CHECK_THAT(next.err, Contains("an earlier rig did not switch this bench off") &&
                             Contains("cell supply 1") && Contains("off, confirmed after"));
    CHECK(record.words().empty());
}

TEST_CASE("a rig that is stopped is switched off, and continued it says so once and switches nothing on",
          "[rig][program][guard]") {
    Running table;
    const auto stopped = GENERATE(as<std::string>{}, "the bench's process", "the rig's own", "both");
    CAPTURE(stopped);
    const pid_t test = table.test();
    if (stopped != "the rig's own") ::kill(test, SIGSTOP);
    if (stopped != "the bench's process") ::kill(table.rig.process, SIGSTOP);
    REQUIRE(table.play_until([&] { return table.both_off(); }));
    ::kill(table.rig.process, SIGCONT);
    ::kill(test, SIGCONT);
    CHECK(table.join() == 2);
    CHECK(table.both_off());
    const auto record = table.rig.stored().at(0);
    CHECK(record.verdict == Verdict::error);
    CHECK_THAT(record.message, Contains("has not shown any life for") && Contains("off, confirmed after"));
}

TEST_CASE("a test's process that is killed alone, for want of memory say, is an error that names what is off",
          "[rig][program][guard]") {
    Running table;
    ::kill(table.test(), SIGKILL);
    CHECK(table.join() == 2);
    CHECK(table.both_off());
    CHECK_THAT(table.rig.stored().at(0).message, Contains("ended by signal 9") && Contains("cell supply 1") &&
                                                     Contains("off, confirmed after"));
    CHECK(table.guard_record().words().empty());
}

TEST_CASE("asked to stop twice, a real bench goes off at once and the reports are written",
          "[rig][program][guard]") {
    Running table(R"(
rig.tear_down(function(bench) (('a'):rep(40)):find(('a*'):rep(20) .. 'b') end)
rig.test("waits", { needs = { "cell" }, limit_s = 3600 }, function(bench)
  rig.claim("it has begun", true)
  rig.wait(3000)
end))");
    ::kill(table.rig.process, SIGINT);
    REQUIRE(table.play_until(
        [&] { return text_of(table.rig.folder.path / "err").find("stopping") != std::string::npos; }));
    ::kill(table.rig.process, SIGINT);
    CHECK(table.join() == 2);
    CHECK(table.both_off());
    CHECK_THAT(table.rig.err, Contains("stopping at once: the guard switches off"));
    CHECK_THAT(table.rig.stored().at(0).message, Contains("off, confirmed after"));
    CHECK(table.rig.wrote_junit());
}

TEST_CASE("without its guard a rig leaves nothing on, and says why", "[rig][program][guard]") {
    Running table;
    REQUIRE(program_of(table.guard()) == "rig-guard");
    ::kill(table.guard(), SIGKILL);
    CHECK(table.join() == 2);
    CHECK(table.both_off());
    CHECK_THAT(table.rig.stored().at(0).message, Contains("guard: is gone, so nothing may stay on"));
}

TEST_CASE("an instrument that was reached anew is still switched off", "[rig][program][guard]") {
    Table table;
    const pid_t rig = ::fork();
    if (rig == 0) {
        WallClock clock;
        GuardLine guard({table.rig.folder.path}, "bench.toml");
        const auto opened = [&](int descriptor) {
            guard.opened("cell supply 1", table.supply.name(), descriptor);
        };
        auto link = open_link(clock, parse_link(table.supply.name()), std::chrono::seconds(5), opened);
        const auto dialect =
            load_dialect(std::filesystem::path(RIG_SOURCE) / "fixtures/dialects/ngi-n83624.toml");
        ByteLink& line = *link;
        ScpiSupply supply(clock, std::move(link), dialect, "cell supply 1", 2);
        guard.guard("cell supply 1", 0, supply.off_sequence());
        guard.watch(clock, std::chrono::seconds(1));
        const auto switch_on = [&] {
            supply.channel(1).output_off();
            supply.channel(1).set_voltage(Volts{3.3});
            supply.channel(1).set_current_limit(Amperes{1.0});
            supply.channel(1).output_on();
        };
        try {
            switch_on();
        } catch (const InstrumentError&) {
            // Lost before it had said all.
        }
        clock.run_until([&] { return !line.fault().empty(); }, std::chrono::seconds(10));
        switch_on();
        clock.run_for(std::chrono::seconds(60));
        _exit(1);
    }
    REQUIRE(table.play_until([&] { return table.first.driven(); }));
    table.supply.hang_up();
    REQUIRE(table.play_until([&] { return table.supply.connected() && !table.first.driven(); }));
    REQUIRE(table.play_until([&] { return table.first.driven(); }));
    ::kill(rig, SIGKILL);
    CHECK(table.play_until([&] { return table.both_off(); }));
    int status = 0;
    ::waitpid(rig, &status, 0);
    CHECK(WIFSIGNALED(status));
    const GuardRecord record(table.rig.folder.path, "bench.toml");
    table.play_until([&] { return record.words().ends_with("\n"); });
    CHECK_THAT(record.words(), Contains("off, confirmed after"));
}

TEST_CASE("what a guard cannot confirm off it says loudly, and the next rig again", "[rig][program][guard]") {
    Running table;
    table.supply.close();
    ::kill(table.rig.process, SIGKILL);
    const auto words = table.guards_words();
    CHECK_THAT(words, Contains("NOT confirmed off: its link is gone: switch it off by hand (tcp:"));
    table.join();
    CHECK_THAT(table.rig.err, Contains("rig-guard: ") && Contains("NOT confirmed off"));
    table.begin(waits);
    CHECK(table.join() == 2);
    CHECK_THAT(table.rig.err,
               Contains("NOT confirmed off") && Contains("by hand before anybody touches the bench"));
    CHECK_FALSE(table.guard_record().words().empty());
}

TEST_CASE("a guard that gets no answer keeps other rigs off, and says in the end what it could not confirm",
          "[rig][program][guard]") {
    Running table;
    table.supply.on_receive(nullptr);
    ::kill(table.rig.process, SIGKILL);
    Program second;
    table.describe(second);
    Table::begin(second, waits);
    CHECK(table.join(second) == 2);
    CHECK_THAT(second.out, Contains("cell supply 1: " + table.supply.name() + ": another rig has it"));
    CHECK_THAT(table.guards_words(), Contains("NOT confirmed off: no answer to \"OUTP2:ONOFF?\""));
}

TEST_CASE("a guard outlives the terminal's end, the log-out and whoever asks it to end",
          "[rig][program][guard]") {
    Running table;
    CHECK(::getsid(table.guard()) == table.guard());
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT})
        ::kill(table.guard(), signal);
    ::kill(table.rig.process, SIGKILL);
    CHECK_THAT(table.guards_words(), Contains("the rig is gone") && Contains("off, confirmed after"));
    CHECK(table.both_off());
}

TEST_CASE("a second rig on the same bench is refused in one message and disturbs nothing",
          "[rig][program][guard]") {
    Running table;
    Program second;
    table.describe(second);
    Table::begin(second, waits);
    CHECK(table.join(second) == 2);
    CHECK_THAT(second.out, Contains("cell supply 1: " + table.supply.name() + ": another rig has it"));
    CHECK(table.both_on());
    ::kill(table.rig.process, SIGINT);
    table.join();
    CHECK_THAT(table.rig.stored().at(0).message, Contains("stopped by the operator"));
    CHECK(table.both_off());
}

TEST_CASE("Ctrl-C while a real bench is taken up does not wait for its end", "[rig][program][guard]") {
    Table table;
    table.silent = true;  // so that it is waited for
    table.begin(waits);
    REQUIRE(table.play_until([&] { return table.both_on(); }));
    ::kill(table.rig.process, SIGINT);
    CHECK(table.join() == 2);
    CHECK(table.both_off());
    CHECK_THAT(table.rig.stored().at(0).message, Contains("take-up: stopped by the operator"));
    CHECK(table.guard_record().words().empty());
}

TEST_CASE("a script that computes without end is ended on a real bench too", "[rig][program][guard]") {
    Table table;
    table.begin(R"(
rig.test("computes", { needs = { "cell" }, limit_s = 2 }, function(bench)
  rig.claim("it has begun", true)
  while true do end
end))");
    CHECK(table.join() == 2);
    CHECK(table.both_off());
    CHECK_THAT(table.rig.stored().at(0).message,
               Contains("longer than its limit of 2 s") || Contains("endless loop?"));
}

TEST_CASE("a store that another program keeps busy costs a running bench nothing", "[rig][program][guard]") {
    Running table(R"(
rig.test("measures", { needs = { "cell" }, limit_s = 3600 }, function(bench)
  for i = 1, 200 do
    bench.cell[1]:voltage_v()
    rig.claim("it goes on " .. i, true)
  end
end))");
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open((table.rig.folder.path / "results/rig.sqlite").c_str(), &other) == SQLITE_OK);
    sqlite3_busy_timeout(other, 5000);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    table.play_until(
        [&, until = table.clock.now() + Nanoseconds{3'500'000'000}] { return table.clock.now() > until; });
    CHECK(table.both_on());
    sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    const int code = table.join();
    INFO(table.rig.out << table.rig.err);
    CHECK(code == 0);
    CHECK(table.rig.stored().at(0).checks.size() == 200);
}

TEST_CASE("an I/O board's relays go off with the rest, last, when the rig is killed or stopped",
          "[rig][program][guard]") {
    const int blow = GENERATE(SIGKILL, SIGSTOP);
    IoBoardTable table;
    table.begin(waits);
    REQUIRE(table.play_until([&] { return table.both_on() && table.any_relay_on(); }));
    bool off_before_supplies = false;
    table.board.after_switching = [&] {
        off_before_supplies = off_before_supplies || (!table.any_relay_on() && !table.both_off());
    };
    ::kill(table.rig.process, blow);
    REQUIRE(table.play_until([&] { return table.both_off() && !table.any_relay_on(); }));
    CHECK_FALSE(off_before_supplies);
    CHECK_THAT(table.guards_words(), Contains("I/O board desk       off, confirmed after"));
    ::kill(table.rig.process, SIGCONT);
    table.join();
}

TEST_CASE("a second rig that wants nothing but the I/O board of another is refused",
          "[rig][program][guard]") {
    Running table;
    Program second;
    second.folder.write(
        "bench.toml",
        "schema = 1\nprofile = \"gen3-hw2\"\nbench = \"real\"\n[cells]\nlink = \"tcp:127.0.0.1:1\"\n"
        "[io.desk]\nlink = \"" +
            table.supply.name() + "\"\n");
    Table::begin(second, waits);
    CHECK(table.join(second) == 2);
    CHECK_THAT(second.out, Contains("I/O board desk: " + table.supply.name() + ": another rig has it"));
    CHECK(table.both_on());
}

TEST_CASE("a guard that was itself kept from running does not take the rig for stopped",
          "[rig][program][guard]") {
    Running table;
    ::kill(table.guard(), SIGSTOP);
    table.play_until(
        [&, until = table.clock.now() + Nanoseconds{3'000'000'000}] { return table.clock.now() > until; });
    ::kill(table.guard(), SIGCONT);
    table.play_until(
        [&, until = table.clock.now() + Nanoseconds{500'000'000}] { return table.clock.now() > until; });
    CHECK(table.both_on());
    CHECK(table.guard_record().words().empty());
}

TEST_CASE("two fixtures of one name have guards' records of their own", "[rig][guard]") {
    const GuardRecord one("results", "a/bench.toml"), other("results", "b/bench.toml");
    CHECK(one.file() != other.file());
    CHECK(one.file() == GuardRecord("results", "a/../a/bench.toml").file());
    CHECK_THAT(one.file().filename().string(), Catch::Matchers::StartsWith("guard-bench-"));
}

TEST_CASE("the doctor tells what an earlier rig left on, and forgets it once it has seen all off",
          "[rig][program][guard]") {
    Table table;
    const auto record = table.guard_record();
    std::filesystem::create_directories(record.file().parent_path());
    std::ofstream(record.file())
        << "some day bench.toml, rig 7: the rig is gone\n  cell supply 1  NOT confirmed off\n";
    SECTION("when it finds everything") {
        table.rig.start({"doctor", "bench.toml"});
        table.join();
        CHECK(record.words().empty());
    }
    SECTION("when it does not") {
        table.supply.close();
        table.rig.start({"doctor", "bench.toml"});
        table.join();
        CHECK_THAT(record.words(), Contains("NOT confirmed off"));
    }
    CHECK_THAT(table.rig.err, Contains("an earlier rig did not switch this bench off") &&
                                  Contains("cell supply 1  NOT confirmed off") &&
                                  Contains("by hand before anybody touches the bench"));
}
