// SPDX-License-Identifier: GPL-3.0-or-later
// rig serve, and a second rig that finds the bench behind ports.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <map>

#include "fixtures/fixture.hpp"
#include "rig/serve/fixture_text.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using reports::Verdict;

namespace {

const std::string fixture = "fixtures/gen3-hw2-4s.toml";

/// Fast enough not to be waited for, slow enough for a busy machine.
const std::string speed = "4";

struct Served : Program {
    /// Serves while `command` runs; the exit code.
    int serve(const std::vector<std::string>& command, const std::string& from = fixture) {
        std::vector<std::string> arguments{"serve", from, "--speed", speed, "--output", "served.toml", "--"};
        arguments.insert(arguments.end(), command.begin(), command.end());
        return run(arguments);
    }

    /// The same, once more where the machine left the bench behind by more than a client's half a second
    /// stands: what came of that run says nothing.
    int serve_in_time(const std::vector<std::string>& command, const std::string& from = fixture) {
        constexpr double most_bench_ms = 400.0;
        int code = serve(command, from);
        for (int again = 0; again < 3 && most_lag_ms() * std::stod(speed) > most_bench_ms; ++again)
            code = serve(command, from);
        return code;
    }

    double most_lag_ms() const {
        const std::string before = "at most ";
        const auto place = out.rfind(before);
        return place == std::string::npos ? 0.0 : std::stod(out.substr(place + before.size()));
    }

    /// Opened for both ways, so that nobody waits for another to open it.
    int fifo(const std::string& name) {
        const auto path = folder.path / name;
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        const int both_ways = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (name == "printed") printed.open(path);
        return both_ways;
    }

    /// On the fifo "printed".
    void wait_for_line(const std::string& begin) {
        for (std::string line; !line.starts_with(begin);)
            REQUIRE(std::getline(printed, line));
    }

    bool file_there() const { return std::filesystem::exists(folder.path / "served.toml"); }

    std::ifstream printed;
};

const std::string looks = R"(
rig.test("a", { needs = { "cell", "app", "ext" } }, function(bench)
  rig.check("cell 3", bench.cell[3]:voltage_v(), { min = 3.28, max = 3.32, unit = "V" })
  bench.app:set { v_max_v = 3.60 }
  bench.cells:set_v(3.35)
  rig.eventually("the pack follows", { within_s = 10 }, function()
    return math.abs(bench.ext:latest().cell_v - 3.35) < 0.02
  end)
end)
rig.test("b", { needs = { "cell", "app" } }, function(bench)
  rig.check("V-max as ever", bench.app:settings().v_max_v, { min = 3.69, max = 3.71, unit = "V" })
end)
)";

}  // namespace

TEST_CASE("a second rig finds the served bench behind its fixture, and each test the boards as new",
          "[rig][serve]") {
    Served rig;
    rig.script("a.lua", looks);
    const int code = rig.serve_in_time({RIG_PROGRAM, "run", "--fixture", "served.toml", "a.lua"});
    INFO(rig.out << rig.err);
    CHECK(code == 0);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    for (const auto& test : tests) {
        INFO(test.message);
        CHECK(test.verdict == Verdict::passed);
    }
    CHECK_FALSE(rig.file_there());
}

TEST_CASE("the set for benches comes to the same verdicts in process and through real links",
          "[rig][serve][same_verdicts]") {
    const std::string set = "scripts/benches";
    Served in_process, through_links;
    CHECK(in_process.run({"run", "--fixture", fixture, set}) == 0);
    const int code = through_links.serve_in_time({RIG_PROGRAM, "run", "--fixture", "served.toml", set});
    INFO(through_links.out << through_links.err);
    CHECK(code == 0);
    const auto verdicts = [](const std::vector<reports::TestRecord>& tests) {
        std::map<std::string, std::vector<std::string>> all;
        for (const auto& test : tests) {
            auto& checks = all[test.key.name];
            checks.push_back(test.verdict == Verdict::passed ? "passed" : "not passed");
            for (const auto& check : test.checks)
                checks.push_back(check.name + (check.verdict == Verdict::passed ? ": passed" : ": failed"));
        }
        return all;
    };
    const auto expected = verdicts(in_process.stored()), found = verdicts(through_links.stored());
    CHECK(expected.size() >= 6);
    CHECK(found == expected);
}

TEST_CASE("a served bench's meter is read over its own link, and tells what it tells in process",
          "[rig][serve]") {
    const std::string metered = "fixtures/gen3-hw2-4s-metered.toml",
                      script = "scripts/benches/reference_meter.lua";
    Served in_process, through_links;
    CHECK(in_process.run({"run", "--fixture", metered, script}) == 0);
    const int code =
        through_links.serve_in_time({RIG_PROGRAM, "run", "--fixture", "served.toml", script}, metered);
    INFO(through_links.out << through_links.err);
    CHECK(code == 0);
    for (const auto* rig : {&in_process, &through_links}) {
        const auto tests = rig->stored();
        REQUIRE(tests.size() == 1);
        CHECK(tests.front().verdict == Verdict::passed);
        CHECK(tests.front().checks.size() == 6);
    }
}

TEST_CASE("what is wired wrong on a served bench, the doctor finds behind its real links", "[rig][serve]") {
    Served rig;
    rig.folder.write("wrong.toml",
                     "schema = 1\nprofile = \"gen3-hw2\"\n[virtual.faults]\nswapped_cells = 2\n[cells]\n");
    const int code = rig.serve_in_time({RIG_PROGRAM, "doctor", "served.toml"}, "wrong.toml");
    INFO(rig.out << rig.err);
    CHECK(code == 1);
    CHECK_THAT(rig.out, Contains("swapped with cell[3]") && Contains(" 2 faults"));
}

TEST_CASE("registers are served as Modbus on a pseudo-terminal", "[rig][serve]") {
    Served rig;
    rig.folder.write("riden.toml",
                     "schema = 1\nprofile = \"gen3-hw2\"\n[pack]\ncells = 2\n"
                     "[cells]\ndriver = \"riden-rd60xx\"\n");
    rig.script("a.lua", R"(
rig.test("a", { needs = { "cell" } }, function(bench)
  bench.cell[2]:set_v(3.4)
  rig.check("cell 2", bench.cell[2]:voltage_v(), { min = 3.36, max = 3.44, unit = "V" })
end))");
    const int code =
        rig.serve_in_time({RIG_PROGRAM, "run", "--fixture", "served.toml", "a.lua"}, "riden.toml");
    INFO(rig.out << rig.err);
    CHECK(code == 0);
    CHECK_THAT(rig.out, Contains("cell supply 2         modbus:/dev/pts/"));
}

TEST_CASE("serving ends with its program, and as its program ended", "[rig][serve]") {
    Served rig;
    CHECK(rig.serve({"sh", "-c", "cp served.toml kept.toml; exit 7"}) == 7);
    CHECK_THAT(text_of(rig.folder.path / "kept.toml"), Contains("speed = 4"));
    CHECK_FALSE(rig.file_there());
    CHECK(rig.serve({"no-such-program"}) == 2);
    CHECK_THAT(rig.err, Contains("no-such-program: cannot be started: No such file or directory"));
    CHECK_FALSE(rig.file_there());
}

TEST_CASE("a signal ends serving, and takes the fixture that leads there with it", "[rig][serve]") {
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    Served rig;
    rig.output = rig.fifo("printed");
    rig.start({"serve", fixture, "--output", "served.toml"});
    rig.wait_for_line("ready");
    CHECK(rig.file_there());
    ::kill(rig.process, signal);
    CHECK(rig.join() == 0);
    CHECK_FALSE(rig.file_there());
}

TEST_CASE("a signal ends the program that is served first", "[rig][serve]") {
    Served rig;
    rig.output = rig.fifo("printed");
    const int never = rig.fifo("never");
    rig.start({"serve", fixture, "--output", "served.toml", "--", "sh", "-c", "echo begun; exec cat never"});
    rig.wait_for_line("begun");

    SECTION("and gives its end as its own") {
        ::kill(rig.process, SIGTERM);
        CHECK(rig.join() == 2);
    }

    SECTION("and a second one does not wait for it") {
        ::kill(rig.process, SIGINT);  // which a terminal would have told the program, too
        rig.wait_for_line("waiting for sh to end");
        CHECK(rig.file_there());
        ::kill(rig.process, SIGINT);
        CHECK(rig.join() == 0);
    }
    CHECK_FALSE(rig.file_there());
    ::close(never);
}

TEST_CASE("a bench that falls behind says so", "[rig][serve]") {
    Served rig;
    rig.folder.write("err", "");
    CHECK(rig.run({"serve", fixture, "--cells", "64", "--speed", "1000", "--", "sh", "-c",
                   "tail -f err | grep -q -m 1 behind"}) == 0);
    CHECK_THAT(rig.err, Contains("behind the wall clock by ") && Contains("lower --speed"));
    CHECK_THAT(rig.out, Contains("64 cells"));
}

TEST_CASE("only what can be served is, and nobody's file is overwritten", "[rig][serve]") {
    Served rig;
    rig.folder.write("mine.toml", "schema = 1\n");
    CHECK(rig.run({"serve", fixture, "--output", "mine.toml"}) == 2);
    CHECK_THAT(rig.err, StartsWith("rig: --output mine.toml: there is such a file"));
    CHECK(text_of(rig.folder.path / "mine.toml") == "schema = 1\n");

    rig.folder.write("real.toml",
                     "schema = 1\nprofile = \"gen3-hw2\"\nbench = \"real\"\n[cells]\nlink = \"tcp:a:1\"\n");
    CHECK(rig.run({"serve", "real.toml"}) == 2);
    CHECK_THAT(rig.err, StartsWith("rig: real.toml: a real bench cannot be served"));

    CHECK(rig.run({"serve", "nowhere.toml"}) == 2);
    CHECK_THAT(rig.err, StartsWith("rig: nowhere.toml: there is no such fixture file"));
}

TEST_CASE("a fixture that was written says the same when it is loaded", "[rig][serve]") {
    Fixture fixture;
    fixture.name = "a \"bench\" \\ of\tours";
    fixture.profile = "gen3-hw2";
    fixture.bench = "real";
    fixture.clock_speed = 2.5;
    fixture.pack.cells = 3;
    fixture.cells.links = {parse_link("tcp:127.0.0.1:1"), parse_link("pty:/dev/pts/1")};
    fixture.cells.channels = 2;
    fixture.cells.over_voltage_v = 4.6;
    fixture.sensors[1].turns = 5000;
    fixture.sensors[1].link = parse_link("pty:/dev/pts/2");
    fixture.sensors[2].amperes_per_volt = 25;
    fixture.sensors[2].link = parse_link("serial:/dev/ttyS0?baud=57600");
    fixture.temperature.emplace().links = {parse_link("pty:/dev/pts/3")};
    fixture.boards.app = parse_link("pty:/dev/pts/4");
    fixture.io["desk 1"].link = parse_link("pty:/dev/pts/5");
    fixture.io["desk 1"].relays = 2;
    fixture.lines["switch[1]"] = parse_line("io:desk 1?relay=1");
    fixture.lines["led.load"] = parse_line("gpio:LED?active=low");
    fixture.settings["v_max_v"] = 3.6;
    fixture.envelope.sensor_max = Amperes{100.0};
    const auto text = fixture_text(fixture);
    Folder folder;
    const auto loaded = load_fixture(folder.write("written.toml", "schema = 1\n" + text));
    CHECK(fixture_text(loaded) == text);
    CHECK(loaded.clock_speed == 2.5);
    CHECK(loaded.cells.links.at(1).target == "/dev/pts/1");
    CHECK(loaded.lines.at("led.load").active_low);
    CHECK(loaded.io.at("desk 1").link.target == "/dev/pts/5");

    fixture.cells.units.resize(2);
    fixture.cells.units[0].channels = 2;
    fixture.cells.units[1].channels = 1;
    fixture.cells.units[1].driver = "korad-ka3005p";
    const auto mixed = fixture_text(fixture);
    const auto again = load_fixture(folder.write("mixed.toml", "schema = 1\n" + mixed));
    CHECK(fixture_text(again) == mixed);
    CHECK(again.cells.unit(2).driver == "korad-ka3005p");
    CHECK(again.cells.links.at(1).target == "/dev/pts/1");
}
