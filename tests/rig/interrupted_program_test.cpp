// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program, told to stop and killed.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using reports::Verdict;

TEST_CASE("Ctrl-C ends running tests safely and writes the reports; exit code 2", "[program]") {
    Program rig;
    rig.script("a.lua", R"(
rig.tear_down(function(bench) bench.cells:set_v(3.1) rig.wait(2) rig.claim("torn down", true) end)
rig.test("a endless", { limit_s = 1e9 }, function(bench) rig.claim("begun", true) while true do rig.wait(1) end end)
rig.test("b never begun", {}, function(bench) end))");
    rig.start({"run", "--jobs", "1", "a.lua"});
    rig.wait_for_first_check();

    ::kill(rig.process, SIGINT);
    const int code = rig.join();

    CAPTURE(rig.out, rig.err);
    CHECK(code == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].verdict == Verdict::error);
    CHECK_THAT(tests[0].message, Catch::Contains("stopped by the operator"));
    CHECK(tests[0].checks.back().name == "torn down");
    CHECK(rig.wrote_junit());
    CHECK_THAT(rig.err, Catch::Contains("stopping"));
}

TEST_CASE("a terminal that is closed ends running tests safely and writes the reports", "[program]") {
    Program rig;
    rig.script("a.lua", R"(
rig.tear_down(function(bench) rig.claim("torn down", true) end)
rig.test("a endless", { limit_s = 1e9 }, function(bench) rig.claim("begun", true) while true do rig.wait(1) end end))");
    rig.start({"run", "a.lua"});
    rig.wait_for_first_check();
    ::kill(rig.process, SIGHUP);
    CHECK(rig.join() == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].checks.back().name == "torn down");
    CHECK(rig.wrote_junit());
}

TEST_CASE("a terminal that goes away under the program, takes its output and hangs up: the run ends safely",
          "[program]") {
    Program rig;
    rig.script("a.lua", R"(
rig.tear_down(function(bench) rig.claim("torn down", true) end)
rig.test("a endless", { limit_s = 1e9 }, function(bench) rig.claim("begun", true) while true do rig.wait(1) end end))");
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(::grantpt(terminal) == 0);
    REQUIRE(::unlockpt(terminal) == 0);
    const std::string line = ::ptsname(terminal);
    rig.process = ::fork();
    if (rig.process == 0) {
        if (::setsid() < 0 || ::chdir(rig.folder.path.c_str()) != 0) _exit(99);
        const int own = ::open(line.c_str(), O_RDWR);  // a session's first becomes its terminal
        for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::dup2(own, standard);
        ::execl(RIG_PROGRAM, "rig", "run", "a.lua", nullptr);
        _exit(98);
    }
    rig.wait_for_first_check();

    ::close(terminal);

    CHECK(rig.join() == 2);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].ended);
    CHECK(tests[0].checks.back().name == "torn down");
    CHECK(rig.wrote_junit());
}

TEST_CASE("asked to stop twice, the program ends at once", "[program]") {
    Program rig;
    // A tear-down that does not hear the first time: otherwise the run might be over before the second.
    rig.script("a.lua", R"(
rig.tear_down(function(bench) (('a'):rep(40)):find(('a*'):rep(20) .. 'b') end)
rig.test("endless", { limit_s = 1e9 }, function(bench) rig.claim("begun", true) while true do rig.wait(1) end end))");
    rig.start({"run", "a.lua"});
    rig.wait_for_first_check();

    ::kill(rig.process, SIGTERM);
    while (text_of(rig.folder.path / "err").find("stopping") == std::string::npos) {
    }
    ::kill(rig.process, SIGTERM);

    CHECK(rig.join() == 2);
    CHECK_FALSE(rig.wrote_junit());
}

TEST_CASE("a killed program leaves no process behind, and a store that knows which test it was in",
          "[program]") {
    Program rig;
    rig.script("a.lua",
               "rig.test('endless', { limit_s = 1e9 }, function() rig.claim('begun', true) while true do "
               "rig.wait(1) end end)");
    int alive[2];
    REQUIRE(::pipe(alive) == 0);
    rig.start({"run", "a.lua"});
    ::close(alive[1]);
    rig.wait_for_first_check();

    ::kill(rig.process, SIGKILL);

    CHECK(rig.join() == 1000 + SIGKILL);
    // Every process of the rig's holds the other end of this pipe.
    char nothing;
    CHECK(::read(alive[0], &nothing, 1) == 0);
    ::close(alive[0]);
    const auto tests = rig.stored();
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].verdict == Verdict::error);
    CHECK(tests[0].checks.at(0).name == "begun");
}
