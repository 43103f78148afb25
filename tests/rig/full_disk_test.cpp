// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program, when its store cannot be written: a full disk, a lock, no right to.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <iostream>

#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Contains;
using reports::Verdict;

namespace {

/// Says so on the standard output, which the store does not keep it from, when it has been put back.
const std::string endless = R"(
rig.tear_down(function(bench) bench.cells:set_v(3.1) print("torn down") end)
rig.test("a endless", { limit_s = 1e9 }, function(bench)
  while true do rig.claim(("so much is kept of this claim "):rep(20), true) rig.wait(0.1) end
end)
rig.test("b never begun", {}, function() end))";

/// Runs a shell's words in the program's folder, where results/ is a disk of its own of so many KiB.
/// False where this machine lets nobody mount one.
bool on_a_small_disk(Program& rig, int kib, const std::string& words) {
    rig.folder.write("on_disk.sh", "mount -t tmpfs -o size=" + std::to_string(kib) +
                                       "k tmpfs results || exit 77\n" + words + "\n");
    const std::string unshare =
        ::geteuid() == 0 ? "unshare --mount" : "unshare --user --map-root-user --mount";
    std::filesystem::create_directories(rig.folder.path / "results");
    const std::string command = "cd " + rig.folder.path.string() + " && " + unshare + " true 2>unshare && " +
                                unshare + " sh on_disk.sh >shell 2>&1";
    const int status = std::system(command.c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    INFO(text_of(rig.folder.path / "shell"));
    const bool refused = !text_of(rig.folder.path / "unshare").empty() || WEXITSTATUS(status) == 77;
    REQUIRE(refused);
    std::cout << "skipped: nobody may mount a disk here\n";
    return false;
}

}  // namespace

TEST_CASE("a disk that fills ends the run safely with one message; what was stored stays readable",
          "[program]") {
    Program rig;
    rig.script("a.lua", endless);
    const std::string program = RIG_PROGRAM;
    if (!on_a_small_disk(rig, 2048,
                         program + " run --jobs 1 a.lua >out 2>err; echo $? >code\n" + program +
                             " report --format junit-strict >junit 2>junit.err; echo $? >>code\n" + program +
                             " report --format csv >csv; echo $? >>code; ls results >left"))
        return;
    const auto said = [&](const char* name) { return text_of(rig.folder.path / name); };
    const std::string err = said("err");
    CAPTURE(err, said("out"));
    CHECK(said("code") == "2\n0\n0\n");
    CHECK_THAT(err,
               Contains("rig: results store results/rig.sqlite: the disk is full; what was stored before is "
                        "kept; free some space and run again\n  bench   running tests end safely"));
    CHECK_THAT(err, Contains("the run ended early") && Contains("rig report 1 shows what is kept"));
    CHECK(err.find("the disk is full") == err.rfind("the disk is full"));
    CHECK_THAT(said("out"), Contains("  | torn down\n") && !Contains("b never begun"));
    CHECK_THAT(said("junit"), Contains("errors=\"1\"") && Contains("a endless"));
    CHECK_THAT(said("csv"), Contains("so much is kept of this claim"));
    CHECK(said("junit.err").empty());
}

TEST_CASE("a disk that is full from the beginning is one message, and nothing runs", "[program]") {
    Program rig;
    rig.script("a.lua", endless);
    if (!on_a_small_disk(rig, 64,
                         "head -c 65536 /dev/zero >results/full 2>head\n" + std::string(RIG_PROGRAM) +
                             " run a.lua >out 2>err; echo $? >code"))
        return;
    CHECK(text_of(rig.folder.path / "code") == "2\n");
    CHECK_THAT(text_of(rig.folder.path / "err"), Contains("the disk is full") || Contains("No space left"));
    CHECK_THAT(text_of(rig.folder.path / "out"), !Contains("torn down"));
}

TEST_CASE("a store that another program locks for a while costs nothing but the while", "[program]") {
    Program rig;
    rig.script("a.lua",
               "rig.test('long', { limit_s = 1e9 }, function(bench)\n"
               "  for i = 1, 3000 do rig.claim('claim ' .. i, true) rig.wait(1) end\nend)\n");
    rig.start({"run", "a.lua"});
    rig.wait_for_first_check();
    {
        SQLite::Database browser((rig.folder.path / "results/rig.sqlite").string(), SQLite::OPEN_READWRITE,
                                 5000);
        browser.exec("BEGIN IMMEDIATE");
        while (text_of(rig.folder.path / "err").find("waiting for it") == std::string::npos)
            REQUIRE(::waitpid(rig.process, nullptr, WNOHANG) == 0);
    }
    CHECK(rig.join() == 0);
    CHECK_THAT(rig.err, Contains("rig.sqlite: another program keeps it locked; close that program") &&
                            Contains("waiting for it, 60 s at most"));
    CHECK(rig.stored().at(0).checks.size() == 3000);
}

TEST_CASE("who does not want to wait for a locked store stops the run, and all that was held back is told",
          "[program]") {
    Program rig;
    rig.script("a.lua", endless);
    rig.start({"run", "--jobs", "1", "a.lua"});
    rig.wait_for_first_check();
    SQLite::Database browser((rig.folder.path / "results/rig.sqlite").string(), SQLite::OPEN_READWRITE, 5000);
    browser.exec("BEGIN IMMEDIATE");
    while (text_of(rig.folder.path / "err").find("waiting for it") == std::string::npos)
        REQUIRE(::waitpid(rig.process, nullptr, WNOHANG) == 0);
    const bool let_go = GENERATE(false, true);
    ::kill(rig.process, SIGINT);
    if (let_go) browser.exec("ROLLBACK");
    CHECK(rig.join() == 2);
    CHECK_THAT(rig.out, Contains("  | torn down\n") && !Contains("b never begun"));
    if (!let_go) {
        CHECK_THAT(rig.err, Contains("of its last tests not everything could be kept, ") &&
                                Contains("rig report 1 shows what is kept"));
        browser.exec("ROLLBACK");
    }
    CHECK(rig.stored().at(0).verdict == Verdict::error);
    CHECK(rig.stored().at(0).ended == let_go);
}

TEST_CASE("a store or a folder without the right to write, and a newer rig's store, are one message each",
          "[program]") {
    Program rig;
    rig.script("a.lua", endless);
    rig.folder.write("results/made", "");
    const auto store = rig.folder.path / "results/rig.sqlite";
    { reports::Store made(store); }
    std::string expected;
    SECTION("newer") {
        SQLite::Database(store.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 1000");
        expected = "it was written by a newer rig";
    }
    SECTION("a folder where the store should be") {
        std::filesystem::remove(store);
        std::filesystem::create_directory(store);
        expected = "it cannot be opened or created";
    }
    CHECK(rig.run({"run", "a.lua"}) == 2);
    CHECK_THAT(rig.err, Contains("rig: results store results/rig.sqlite: " + expected));
    CHECK_THAT(rig.out, !Contains("torn down"));
}
