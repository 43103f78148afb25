// SPDX-License-Identifier: GPL-3.0-or-later
// rig report: any run of the store, again, in any form.
#include <catch2/catch.hpp>

#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Contains;

namespace {

const std::string two_tests =
    "rig.test('good', {}, function(bench) print('hello') rig.claim('fine', true) end)\n"
    "rig.test('bad', {}, function(bench) rig.check('trip', 3.65, { max = 3.6, unit = 'V' }) end)\n";

}  // namespace

TEST_CASE("a run's reports can be made again, and say who ran what", "[program]") {
    Program rig;
    rig.script("a.lua", two_tests);
    CHECK(rig.run({"run", "--operator", "Ada", "--serial", "pack=SN-7", "a.lua"}) == 1);
    CHECK(rig.run({"run", "--filter", "good", "a.lua"}) == 0);
    const std::string junit = text_of(rig.folder.path / "results/junit.xml");

    CHECK(rig.run({"report", "--format", "junit-strict"}) == 0);
    CHECK(rig.out == junit);

    CHECK(rig.run({"report", "1"}) == 0);
    CHECK_THAT(rig.out, Contains("operator Ada, pack SN-7") && Contains("trip: 3.65 V, 0.05 V too high"));

    CHECK(rig.run({"report", "1", "--format", "junit-rich", "--output", "made/rich.xml"}) == 0);
    CHECK(rig.out.empty());
    const std::string rich = text_of(rig.folder.path / "made/rich.xml");
    CHECK_THAT(rich, Contains("<property name=\"serial\" value=\"SN-7\" />") &&
                         Contains("<property name=\"operator\" value=\"Ada\" />") &&
                         Contains("<property name=\"trip\" value=\"3.65 V\" />") &&
                         Contains("<property name=\"instrument, cell supply 1\" value=\"NGI") &&
                         Contains("sha256, firmware gen3-hw2/last.elf") &&
                         Contains("file=\"a.lua\" line=\"3\"") && Contains("<system-out>hello"));

    CHECK(rig.run({"report", "--list"}) == 0);
    CHECK_THAT(rig.out, Contains("failed    gen3-hw2   2 tests: 1 passed, 1 failed") &&
                            Contains("passed    gen3-hw2   1 test: 1 passed"));
}

TEST_CASE("a run that was killed shows the test it was in as an error", "[program]") {
    Program rig;
    rig.script("a.lua",
               "rig.test('endless', { limit_s = 1e6 }, function(bench)\n"
               "  rig.claim('so far', true)\n  while true do rig.wait(1) end\nend)\n");
    rig.start({"run", "a.lua"});
    rig.wait_for_first_check();
    const pid_t process = rig.process;
    CHECK(rig.run({"report", "--list"}) == 0);
    CHECK_THAT(rig.out, Contains("running after 1 of 1 tests"));
    rig.process = process;
    ::kill(rig.process, SIGKILL);
    rig.join();

    CHECK(rig.run({"report", "--list"}) == 0);
    CHECK_THAT(rig.out,
               Contains("error     gen3-hw2   1 test: 0 passed, 1 in error, killed after 1 of 1 tests"));
    CHECK(rig.run({"report", "--format", "junit-strict"}) == 0);
    CHECK_THAT(rig.out, Contains("errors=\"1\"") && Contains("the run ended in this test"));
}

TEST_CASE("what a report is asked for in vain is one message and exit code 2", "[program]") {
    Program rig;
    CHECK(rig.run({"report"}) == 2);
    CHECK_THAT(rig.err, Contains("results/rig.sqlite: there is none; rig run makes one"));
    rig.script("a.lua", two_tests);
    rig.run({"run", "--filter", "good", "a.lua"});
    CHECK(rig.run({"report", "7"}) == 2);
    CHECK_THAT(rig.err, Contains("it has no run 7; rig report --list"));
    CHECK(rig.run({"report", "--format", "pdf"}) == 2);
    CHECK(rig.run({"run", "--serial", "nest=7", "a.lua"}) == 2);
    CHECK_THAT(rig.err, Contains("the fixture holds no \"nest\"\n  allowed  pack"));
}

TEST_CASE("no report is written over the store, a script, the fixture or another report", "[program]") {
    Program rig;
    rig.script("a.lua", two_tests);
    REQUIRE(rig.run({"run", "a.lua"}) == 1);
    const auto refused = [&](const std::vector<std::string>& words, const std::string& why) {
        CHECK(rig.run(words) == 2);
        CHECK_THAT(rig.err, Contains(why) && Contains("another name for one of them"));
    };
    refused({"run", "--junit", "results/rig.sqlite", "a.lua"},
            "--junit results/rig.sqlite: that file is --store");
    refused({"run", "--html", "./results/../a.lua", "a.lua"}, "that file is a script");
    refused({"run", "--junit", "results/new", "--html", "results/./new", "a.lua"}, "that file is --junit");
    refused({"report", "--output", "results/rig.sqlite"}, "that file is --store");
    CHECK(rig.run({"report", "--list"}) == 0);
}
