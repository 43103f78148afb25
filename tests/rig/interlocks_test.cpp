// SPDX-License-Identifier: GPL-3.0-or-later
// A contact of the bench opens: what is on goes off, and nothing goes on again.
#include "rig/interlocks.hpp"

#include "tests/rig/io_board_table.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using reports::Verdict;

namespace {

struct UnansweredInput : FakeInput {
    using FakeInput::FakeInput;
    bool active() override { throw InstrumentError("I/O board desk", "no answer"); }
};

/// A bench of fakes with one interlock, closed.
struct Watched {
    Watched() {
        contact.become(true);
        bench.inputs["interlock.door"] = &contact;
        fixture.interlocks["door"] = {"the chamber's door", {"cells"}};
        fixture.lines["interlock.door"] = parse_line("gpio:DOOR?active=low");
    }

    FakeBench bench;
    Fixture fixture;
    FakeInput contact{bench.test_clock};
};

/// A program whose fixtures have those of the project beside them.
struct OnItsOwn : Program {
    OnItsOwn() {
        for (const std::string name : {"gen3-hw2-4s.toml", "desk-korad-4s.toml"})
            folder.write(name, text_of(std::filesystem::path(RIG_SOURCE) / "fixtures" / name));
    }
};

reports::TestRecord named(const std::vector<reports::TestRecord>& tests, const std::string& name) {
    const auto found =
        std::find_if(tests.begin(), tests.end(), [&](const auto& test) { return test.key.name == name; });
    REQUIRE(found != tests.end());
    return *found;
}

constexpr Nanoseconds a_second{1'000'000'000};

const std::string two_tests = R"(
rig.tear_down(function(bench) bench.cell[1]:on() rig.claim("torn down", true) end)
rig.test("waits", { needs = { "cell" }, limit_s = 3600 }, function(bench)
  rig.claim("it has begun", true)
  pcall(function() for i = 1, 1000 do pcall(rig.wait, 1) pcall(bench.cell[1].on, bench.cell[1]) end end)
  rig.claim("it goes on", true)
end)
rig.test("comes later", { needs = { "cell" } }, function(bench) rig.claim("it runs", true) end))";

}  // namespace

TEST_CASE("a closed interlock is in nobody's way", "[rig][interlock]") {
    Watched watched;
    Interlocks interlocks(watched.bench, watched.fixture);
    watched.bench.test_clock.run_for(a_second);
    CHECK_NOTHROW(interlocks.require_closed());
    CHECK(interlocks.open() == "");
}

TEST_CASE("an interlock that opens throws at whatever runs the clock until switching off begins",
          "[rig][interlock]") {
    Watched watched;
    Interlocks interlocks(watched.bench, watched.fixture);
    watched.bench.test_clock.run_for(a_second);
    watched.contact.become(false);
    for (int i = 0; i < 3; ++i)
        CHECK_THROWS_AS(watched.bench.test_clock.run_for(a_second), InterlockError);
    CHECK_THAT(interlocks.open(),
               StartsWith("interlock door: opened at 1.000 s of bench time (gpio:DOOR)\n"
                          "  means   the chamber's door\n  cuts    cells, whatever their instruments say\n"));
    interlocks.switching_off();
    CHECK_NOTHROW(watched.bench.test_clock.run_for(a_second));

    SECTION("and closing it again does not let anything be switched on") {
        watched.contact.become(true);
        watched.bench.test_clock.run_for(a_second);
        CHECK_THROWS_AS(interlocks.require_closed(), InterlockError);
        CHECK_THROWS_AS(watched.bench.test_clock.run_for(a_second), InterlockError);
    }
}

TEST_CASE("an interlock that opens for less than the time between two looks has opened", "[rig][interlock]") {
    Watched watched;
    Interlocks interlocks(watched.bench, watched.fixture);
    watched.contact.become(false);
    watched.contact.become(true);
    CHECK_THROWS_AS(watched.bench.test_clock.run_for(a_second), InterlockError);
}

TEST_CASE("what a script that only computes does not see, whoever asks does", "[rig][interlock]") {
    Watched watched;
    Interlocks interlocks(watched.bench, watched.fixture);
    watched.contact.become(false);
    CHECK_THROWS_AS(interlocks.require_closed(), InterlockError);
}

TEST_CASE("an interlock that cannot be read, or stands nowhere, is open", "[rig][interlock]") {
    Watched watched;
    SECTION("no answer") {
        UnansweredInput silent(watched.bench.test_clock);
        watched.bench.inputs["interlock.door"] = &silent;
        Interlocks interlocks(watched.bench, watched.fixture);
        CHECK_THAT(interlocks.open(),
                   Contains("counts as open, as it cannot be read: I/O board desk: no answer"));
    }
    SECTION("no line") {
        watched.bench.inputs.erase("interlock.door");
        Interlocks interlocks(watched.bench, watched.fixture);
        CHECK_THAT(interlocks.open(), Contains("interlock door: has no line"));
    }
}

TEST_CASE("with an interlock open a run is refused: nothing is switched on, and it says which",
          "[rig][program][interlock]") {
    IoBoardTable table;
    table.board.lines = IoBoardTable::open;
    bool on = false;
    table.begin(two_tests);
    table.play_until([&, &rig = table.rig] {
        on = on || table.first.driven() || table.second.driven() || table.ever_on;
        return ::waitpid(rig.process, nullptr, WNOHANG | WNOWAIT) != 0;
    });
    CHECK(table.join() == 2);
    CHECK_FALSE(on);
    CHECK_THAT(table.rig.out, Contains("interlock door: is open (io:desk?line=0)") &&
                                  Contains("the chamber's door") && Contains("close it and begin again"));
    for (const auto& test : table.rig.stored())
        CHECK(test.verdict == Verdict::error);
}

TEST_CASE(
    "an interlock that opens in a test switches off, and ends the test and the run, whatever the script does",
    "[rig][program][interlock]") {
    IoBoardTable table;
    table.begin(two_tests);
    REQUIRE(table.play_until([&] { return table.both_on() && table.ever_on; }));
    table.play_until([&, until = table.clock.now() + a_second] { return table.clock.now() > until; });
    table.board.lines = IoBoardTable::open;
    const auto opened = table.clock.now();
    REQUIRE(table.play_until([&] { return table.both_off(); }));
    CHECK(table.clock.now() - opened < a_second);
    bool on_again = false;
    // Closed again at once, it still wants somebody to look.
    table.board.lines = IoBoardTable::closed;
    table.play_until([&, &rig = table.rig] {
        on_again = on_again || !table.both_off();
        return ::waitpid(rig.process, nullptr, WNOHANG | WNOWAIT) != 0;
    });
    CHECK(table.join() == 2);
    CHECK_FALSE(on_again);
    CHECK_FALSE(table.any_relay_on());
    const auto tests = table.rig.stored();
    REQUIRE(tests.size() == 2);
    const auto waits = named(tests, "waits");
    CHECK(waits.verdict == Verdict::error);
    CHECK_THAT(waits.message, StartsWith("interlock door: opened at "));
    for (const auto& check : waits.checks)
        CHECK(check.name == "it has begun");
    const auto later = named(tests, "comes later");
    CHECK(later.verdict == Verdict::error);
    CHECK_THAT(later.message, StartsWith("not run, interlock door: opened at "));
    CHECK(table.guard_record().words().empty());
}

TEST_CASE("a virtual bench has interlocks too, on an I/O board's line or on none",
          "[rig][program][interlock]") {
    const auto line = GENERATE(as<std::string>{}, "", "line = \"io:desk?line=5&active=low\"\n");
    const std::string contact = "schema = 1\nextends = \"desk-korad-4s\"\n[interlock.heat]\n" + line;
    OnItsOwn rig;
    rig.script("a.lua", two_tests);

    SECTION("one that opens ends the run") {
        rig.folder.write(
            "bench.toml",
            contact + "[virtual.faults]\nopen_interlock = \"heat\"\nopen_interlock_after_s = 40\n");
        CHECK(rig.run({"run", "--jobs", "1", "--fixture", "bench.toml", "a.lua"}) == 2);
        const auto tests = rig.stored();
        CHECK_THAT(named(tests, "waits").message, StartsWith("interlock heat: opened at 40."));
        CHECK_THAT(named(tests, "comes later").message, StartsWith("not run, interlock heat: opened at 40."));
    }
    SECTION("one whose wire is missing lets nothing begin") {
        rig.folder.write("bench.toml", contact + "[virtual.faults]\nmissing_line = \"interlock.heat\"\n");
        CHECK(rig.run({"run", "--fixture", "bench.toml", "a.lua"}) == 2);
        CHECK_THAT(named(rig.stored(), "waits").message, StartsWith("interlock heat: is open"));
    }
    SECTION("one that stays closed changes nothing") {
        rig.folder.write("bench.toml", contact);
        CHECK(rig.run({"run", "--fixture", "bench.toml", "--filter", "comes later", "a.lua"}) == 0);
    }
}

TEST_CASE("the doctor shows each interlock, and tries nothing while one is open",
          "[rig][program][interlock]") {
    OnItsOwn rig;
    rig.folder.write("bench.toml", R"(schema = 1
extends = "gen3-hw2-4s"
[interlock.door]
meaning = "the chamber's door"
[interlock.heat]
[virtual.faults]
open_interlock = "door"
)");
    CHECK(rig.run({"doctor", "bench.toml"}) == 1);
    CHECK_THAT(rig.out, Contains("FAULT     interlock.door      open, the chamber's door\n") &&
                            Contains("good      interlock.heat      closed\n") &&
                            Contains("not seen  instruments, wires  with every interlock closed"));
}

TEST_CASE("a served bench's interlock reaches the rig that finds it", "[rig][program][serve][interlock]") {
    OnItsOwn rig;
    rig.script("a.lua", two_tests);
    rig.folder.write("bench.toml",
                     "schema = 1\nextends = \"gen3-hw2-4s\"\n[interlock.door]\ncuts = [\"cells\"]\n"
                     "[virtual.faults]\nopen_interlock = \"door\"\n");
    CHECK(rig.run({"serve", "bench.toml", "--output", "served.toml", "--", RIG_PROGRAM, "run", "--fixture",
                   "served.toml", "a.lua"}) == 2);
    CHECK_THAT(named(rig.stored(), "waits").message,
               StartsWith("interlock door: is open (") && Contains("cuts    cells"));
}
