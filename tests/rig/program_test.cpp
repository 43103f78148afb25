// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program, as it is started: what it says, what it writes, how it ends.
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

namespace {

const std::string good = "rig.test('good', {}, function(bench) rig.claim('fine', true) end)\n";

}  // namespace

TEST_CASE("a script that reads a frame and checks the pack voltage passes", "[program]") {
    Program rig;
    rig.script("pack.lua", R"(
rig.test("the pack voltage is the sum of its cells", { needs = { "cell", "ext" }, proves = { "EXT-01" } }, function(bench)
  local frame = bench.ext:next()
  rig.check("pack voltage", frame.pack_v, { min = 13.1, max = 13.3, unit = "V" }, { proves = { "EXT-01" } })
  rig.claim("both relays are allowed", bench.relay.charge:allowed() and bench.relay.load:allowed())
end))");

    const int code = rig.run({"run", "pack.lua"});

    INFO(rig.out << rig.err);
    CHECK(code == 0);
    CHECK(rig.wrote_junit());
    CHECK_THAT(rig.out, Catch::Contains("seed 1") && Catch::Contains("results/rig.sqlite") &&
                            Catch::Contains("results/junit.xml"));
}

TEST_CASE("a failed check is exit code 1", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('bad', {}, function() rig.claim('no', false) end)");
    CHECK(rig.run({"run", "a.lua"}) == 1);
    CHECK(rig.stored().size() == 2);
}

TEST_CASE("with --fail-fast no test begins once one has failed or ended in an error", "[program]") {
    const auto [body, code] =
        GENERATE(table<std::string, int>({{"rig.claim('no', false)", 1}, {"rig.abort('cold')", 2}}));
    Program rig;
    rig.script("a.lua", good + "rig.test('bad', {}, function() " + body + " end)");
    rig.script("b.lua", good);

    CHECK(rig.run({"run", "-x", "--jobs", "1", "a.lua", "b.lua"}) == code);

    CHECK(rig.stored().size() == 2);
    CHECK_THAT(rig.err, Catch::Contains("--fail-fast asks: 2 of 3 tests ran"));
    CHECK(rig.run({"run", "--jobs", "1", "a.lua", "b.lua"}) == code);
    CHECK(rig.stored().size() == 3);
    CHECK(rig.run({"run", "--fail-fast", "b.lua"}) == 0);
    CHECK(rig.err.empty());
}

TEST_CASE("each bad test costs one message and exit code 2, and the other tests still run", "[program]") {
    const auto [body, message] = GENERATE(table<std::string, std::string>({
        {"local x = nil; x.y = 1", "a.lua:4: attempt to index a nil value"},
        {"while true do end", "an endless loop?"},
        {"while true do pcall(function() while true do end end) end", "an endless loop?"},
        {"(('a'):rep(40)):find(('a*'):rep(20) .. 'b')", "inside one library call"},
        {"(('a'):rep(40)):gsub(('a*'):rep(20) .. 'b', '')", "inside one library call"},
        {"local s = ('x'):rep(1e9)", "more than 64 MiB of memory"},
        {"local t = {} for i = 1, 1e9 do t[i] = {} end", "more than 64 MiB of memory"},
        {"rig.wait(1000)", "longer than its limit of 600 s"},
        {"bench.cell[1]:set_v(100)", "cell[1].voltage_v"},
        {"rig.limits.nonsense = rig.limits.nonsense", "no limit 'nonsense'"},
        {"rig.abort('the oven is cold')", "the oven is cold"},
        {"bench.app:set { v_maxx_v = 3 }", "\"v_maxx_v\" is no setting"},
    }));
    Program rig;
    rig.script("a.lua", good + "rig.test('bad', {}, function(bench) " + body + "\nend)\n" +
                            "rig.test('also good', {}, function(bench) rig.claim('fine', true) end)");

    const int code = rig.run({"run", "a.lua"});

    CAPTURE(body, rig.out, rig.err);
    CHECK(code == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 3);
    for (const auto& test : tests) {
        if (test.key.name == "bad") {
            CHECK(test.verdict == Verdict::error);
            CHECK_THAT(test.message, Catch::Contains(message));
            CHECK_THAT(test.message, Catch::Contains("a.lua:4"));
        } else {
            CHECK(test.verdict == Verdict::passed);
        }
    }
    CHECK(rig.wrote_junit());
    CHECK_THAT(rig.out, Catch::Contains(message));
}

TEST_CASE("a script that does not load is one error; the other scripts run", "[program]") {
    const auto [text, message] = GENERATE(table<std::string, std::string>({
        {"if", "a.lua:3: unexpected symbol"},
        {"while true do end", "an endless loop?"},
        {"rig.test('x', { proves = { 'RLY-99' } }, function() end)",
         "a.lua:3: proves: there is no requirement RLY-99 in scripts/requirements.toml"},
        {"local x = ('a'):rep(40):find(('a*'):rep(20) .. 'b')", "inside one library call"},
        {"rig.test('x', {}, function() end)\nrig.test('x', {}, function() end)", "lines 3 and 4"},
    }));
    Program rig;
    rig.script("a.lua", text);
    rig.script("b.lua", good);

    const int code = rig.run({"run", "a.lua", "b.lua"});

    CAPTURE(text, rig.out, rig.err);
    CHECK(code == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].key.name == "loads");
    CHECK(tests[0].verdict == Verdict::error);
    CHECK_THAT(tests[0].message, Catch::Contains(message));
    CHECK(tests[1].verdict == Verdict::passed);
    CHECK(rig.wrote_junit());
}

TEST_CASE("what the command line gets wrong is one message and exit code 2", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('endurance', { tags = { 'long' } }, function() end)");
    rig.folder.write("bad.toml", "schema = 1\nprofile = \"gen3-hw2\"\n[pack]\ncells = 999\n");
    rig.folder.write("real.toml",
                     "schema = 1\nprofile = \"gen3-hw2\"\nbench = \"real\"\n[pack]\ncells = 2\n"
                     "[cells]\nlink = \"tcp:127.0.0.1:1\"\n");
    const auto [arguments, message] = GENERATE(table<std::vector<std::string>, std::string>({
        {{"run", "absent.lua"}, "absent.lua: there is no such script"},
        {{"run", "--fixture", "absent.toml", "a.lua"}, "absent.toml: there is no such fixture file"},
        {{"run", "--fixture", "bad.toml", "a.lua"}, "bad.toml"},
        {{"run", "--filter", "(", "a.lua"}, "--filter (: not a regular expression"},
        {{"run", "--filter", "nothing", "a.lua"}, "no test matches, of 2 in 1 scripts"},
        {{"run", "--filter", "endurance", "a.lua"}, "tagged \"long\""},
        {{"list", "--proves", "XYZ-99", "a.lua"}, "no test matches"},
        {{"run", "--jobs", "0", "a.lua"}, "--jobs"},
        {{"run", "--cells", "1", "a.lua"}, "--cells"},
        {{"run", "--cells", "256", "a.lua"}, "--cells"},
        {{"run", "--cells", "3", "--fixture", "real.toml", "a.lua"}, "real.toml holds 2 boards, and only"},
        {{"run", "--seed", "-1", "a.lua"}, "--seed: \"-1\" is no whole number"},
        {{"run", "--seed", "18446744073709551616", "a.lua"}, "0 to 18446744073709551615"},
        {{"run", "--fixture", "", "a.lua"}, "--fixture: names no file"},
        {{"run", "--profile", "gen4", "a.lua"}, "\"gen4\" is no profile\n  allowed  gen2-out1, gen2-out2"},
        {{"run", "--profile", "gen3-hw2", "--fixture", "bad.toml", "a.lua"}, "--fixture excludes --profile"},
        {{"run", "--junit", "", "a.lua"}, "--junit: names no file"},
        {{"run", "--sede", "1", "a.lua"}, "--sede\n  try     rig run --help"},
        {{"dance"}, "dance\n  try     rig --help"},
        {std::vector<std::string>{}, "no command"},
    }));

    const int code = rig.run(arguments);

    CAPTURE(rig.out, rig.err);
    CHECK(code == 2);
    CHECK_THAT(rig.err, Catch::StartsWith("rig: ") && Catch::Contains(message));
    CHECK(rig.out.empty());
    CHECK_FALSE(std::filesystem::exists(rig.folder.path / "results"));
}

TEST_CASE("a fixture without firmware images is an error of the bench, told in full once", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('good too', {}, function() end)");
    rig.folder.write("bare.toml",
                     "schema = 1\nprofile = \"gen3-hw2\"\n[virtual]\nfirmware = \"nowhere\"\n[cells]\n");
    CHECK(rig.run({"run", "--fixture", "bare.toml", "a.lua"}) == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK_THAT(tests[0].message,
               Catch::Contains("there is no firmware image") && Catch::Contains("nowhere/first.elf"));
    CHECK_THAT(tests[1].message, Catch::StartsWith("not run"));
    CHECK(rig.wrote_junit());
}

TEST_CASE("a dialect without a twin is told with the fixture that names it", "[program]") {
    Program rig;
    rig.script("a.lua", good);
    rig.folder.write("odd.toml", "schema = 1\nprofile = \"gen3-hw2\"\n[cells]\ndialect = \"foo-1\"\n");
    CHECK(rig.run({"run", "--fixture", "odd.toml", "a.lua"}) == 2);
    CHECK_THAT(rig.out, Catch::Contains("odd.toml: [cells] dialect = \"foo-1\"") &&
                            Catch::Contains("is not known\n") && Catch::Contains("ngi-n83624, "));
}

TEST_CASE("a report that cannot be written is told before anything runs", "[program]") {
    Program rig;
    rig.script("a.lua", good);
    rig.folder.write("file", "no folder");
    const auto [option, place] =
        GENERATE(table<std::string, std::string>({{"--junit", "file/junit.xml"}, {"--html", "scripts"}}));
    CHECK(rig.run({"run", option, place, "a.lua"}) == 2);
    CHECK_THAT(rig.err, Catch::Contains("report " + place + ": it cannot be written"));
    CHECK(rig.out.empty());
    CHECK_FALSE(std::filesystem::exists(rig.folder.path / "results/rig.sqlite"));
}

TEST_CASE("a run that does not come to its reports leaves none of the run before", "[program]") {
    Program rig;
    rig.script("a.lua", good);
    CHECK(rig.run({"run", "a.lua"}) == 0);
    CHECK(rig.wrote_junit());
    rig.folder.write("note.txt", "not a database, but long enough to look at: " + std::string(2000, 'x'));
    CHECK(rig.run({"run", "--store", "note.txt", "a.lua"}) == 2);
    CHECK_FALSE(rig.wrote_junit());
    CHECK_FALSE(std::filesystem::exists(rig.folder.path / "results/report.html"));
}

TEST_CASE("a reader that leaves ends no run, and nobody reading is no error", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('bad', {}, function() rig.claim('no', false) end)");
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);
    SECTION("a pipe whose reader has left") {
        rig.output = ends[1];
    }
    SECTION("no standard output at all") {
        rig.output = Program::closed;
    }

    const int code = rig.run({"run", "a.lua"});
    ::close(ends[1]);

    CHECK(code == 1);
    CHECK(rig.stored().size() == 2);
    CHECK(rig.wrote_junit());
    CHECK(rig.err.empty());
}

TEST_CASE("output that cannot be written is told and is exit code 2; results are whole", "[program]") {
    Program rig;
    rig.script("a.lua", good);
    rig.output = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    REQUIRE(rig.output >= 0);

    const int code = rig.run({"run", "a.lua"});

    ::close(rig.output);
    CHECK(code == 2);
    CHECK_THAT(rig.err, Catch::Contains("standard output"));
    CHECK(rig.stored().size() == 1);
    CHECK(rig.wrote_junit());
}

TEST_CASE("a store that cannot be used is one message and exit code 2", "[program]") {
    Program rig;
    rig.script("a.lua", good);
    rig.folder.write("note.txt", "not a database, but long enough to look at: " + std::string(2000, 'x'));
    CHECK(rig.run({"run", "--store", "note.txt", "a.lua"}) == 2);
    CHECK_THAT(rig.err, Catch::Contains("note.txt"));
}

TEST_CASE("a test that needs what the bench lacks is shown as skipped, with the reason", "[program]") {
    Program rig;
    rig.script("a.lua", good + "rig.test('far', { needs = { 'cell[9]' } }, function() end)");
    CHECK(rig.run({"run", "a.lua"}) == 0);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 2);
    CHECK(tests[0].verdict == Verdict::skipped);
    CHECK(tests[0].message == "this bench has no cell[9]");
}

TEST_CASE("a pack has as many cells as --cells says, unless the test asks for others", "[program]") {
    Program rig;
    rig.script("a.lua", R"(
rig.test('any', { needs = { 'cell', 'ext' } }, function(bench)
  rig.equal('cells', bench.count, 3)
  rig.equal('cells that the boards count', bench.ext:next().count, 3)
end)
rig.test('fourth', { needs = { 'cell[4]' } }, function() end)
rig.test('two', { cells = 2 }, function(bench) rig.equal('cells', bench.count, 2) end)
)");
    const int code = rig.run({"run", "--cells", "3", "a.lua"});

    INFO(rig.out << rig.err);
    CHECK(code == 0);
    CHECK_THAT(rig.out, Catch::Contains("with 3 cells, seed 1\n") &&
                            Catch::Contains("gen3-hw2-4s.toml, with 3 cells, seed 1\n"));
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 3);
    CHECK(tests[0].verdict == Verdict::passed);
    CHECK(tests[1].message == "this bench has no cell[4]");
    CHECK(tests[2].verdict == Verdict::passed);
    CHECK(rig.run({"list", "a.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  any\n  fourth\n  two  2 cells\n");
}

TEST_CASE("list shows what would run, with tags and IDs, and runs nothing", "[program]") {
    Program rig;
    rig.script(
        "a.lua",
        "rig.test('one', { tags = { 'slow' }, proves = { 'RLY-01', 'RLY-02' } }, function() end)\n" + good);
    CHECK(rig.run({"list", "a.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  one  [slow]  RLY-01 RLY-02\n  good\n");
    CHECK(rig.run({"list", "--tag", "slow", "--tag", "none", "a.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  one  [slow]  RLY-01 RLY-02\n");
    CHECK_FALSE(std::filesystem::exists(rig.folder.path / "results"));
}

TEST_CASE("a profile has the tests that apply to it, and no others are listed", "[program]") {
    Program rig;
    rig.script("a.lua", "rig.test('old', { profiles = { 'gen2', 'gen3-hw1' } }, function() end)\n" + good);
    rig.script("b.lua", "rig.test('new', { profiles = { 'gen3-hw2' } }, function() end)\n");
    CHECK(rig.run({"list", "a.lua", "b.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  good\nb.lua\n  new\n");
    CHECK(rig.run({"list", "--profile", "gen2-out1", "a.lua", "b.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  old\n  good\n");
    CHECK(rig.run({"list", "--fixture", "fixtures/gen3-hw1-4s.toml", "a.lua", "b.lua"}) == 0);
    CHECK(rig.out == "a.lua\n  old\n  good\n");
    CHECK(rig.run({"list", "--profile", "gen3-hw1", "b.lua"}) == 2);
    CHECK_THAT(rig.err, Catch::Contains("no test is for gen3-hw1"));
}

TEST_CASE("the program tells its version and shows an example of each command", "[program]") {
    Program rig;
    CHECK(rig.run({"--version"}) == 0);
    CHECK_THAT(rig.out, Catch::StartsWith("rig 0."));
    for (const std::string command : {"run", "list"}) {
        CHECK(rig.run({command, "--help"}) == 0);
        CHECK_THAT(rig.out, Catch::Contains("Example: rig " + command));
    }
}

TEST_CASE("one seed gives the same tests and checks, whatever --jobs and --filter", "[program]") {
    std::string text;
    for (const char* name : {"one", "two", "three"}) {
        text += "rig.test('" + std::string(name) + R"(', {}, function(bench)
  for i = 1, 3 do rig.check("pack", bench.ext:next().pack_v, { max = 99 }) rig.check("cell", bench.cell[1]:current_a(), { max = 99 }) end
end)
)";
    }
    Program rig;
    rig.script("a.lua", text);
    const auto values = [&](const std::vector<std::string>& arguments) {
        REQUIRE(rig.run(arguments) == 0);
        std::ostringstream all;
        all.precision(17);
        for (const auto& test : rig.stored()) {
            if (test.key.name != "two") continue;
            all << test.began_ns << ' ' << test.ended_ns;
            for (const auto& check : test.checks)
                all << ' ' << *check.value << '@' << check.bench_ns;
        }
        return all.str();
    };
    const std::string first = values({"run", "--jobs", "1", "a.lua"});
    CHECK(first.size() > 50);
    CHECK(values({"run", "--jobs", "3", "a.lua"}) == first);
    CHECK(values({"run", "--filter", "two", "a.lua"}) == first);
    CHECK(values({"run", "--seed", "2", "a.lua"}) != first);
}
