// SPDX-License-Identifier: GPL-3.0-or-later
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <functional>

#include "reports/store.hpp"
#include "tests/reports/temporary_folder.hpp"
#include "tests/reports/watched_disk.hpp"

using namespace rig::reports;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;

namespace {

const TestKey test{"pack", "acceptance/thresholds.lua", "the charge relay opens at V-max", 1};

RunRecord some_run(const std::string& uuid = "a run") {
    RunRecord run;
    run.uuid = uuid;
    return run;
}

CheckRecord check(int number) {
    CheckRecord record;
    record.number = number;
    record.name = "V-max trip";
    record.proves = {"RLY-01"};
    return record;
}

/// What the store says when it refuses.
std::string complaint(const std::function<void()>& action) {
    try {
        action();
    } catch (const StoreError& refusal) {
        return refusal.what();
    }
    return "no complaint";
}

std::string complaint_about(const std::filesystem::path& file) {
    return complaint([&] { Store store(file, milliseconds{1}); });
}

}  // namespace

TEST_CASE("kill -9 costs no check that was acknowledged", "[reports][store]") {
    TemporaryFolder folder;
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const auto child = fork();
    if (child == 0) {
        Store store{folder / "rig.sqlite"};
        const int run = store.begin_run(some_run());
        store.begin_test(run, test, {}, 0);
        for (int number = 1;; ++number) {
            store.add_check(run, test, check(number));
            if (write(pipe_ends[1], &number, sizeof number) != sizeof number) _exit(1);
        }
    }
    close(pipe_ends[1]);
    int acknowledged = 0;
    while (acknowledged < 200)
        REQUIRE(read(pipe_ends[0], &acknowledged, sizeof acknowledged) > 0);
    kill(child, SIGKILL);
    while (read(pipe_ends[0], &acknowledged, sizeof acknowledged) > 0) {
    }
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);

    const Store store{folder / "rig.sqlite"};
    const auto tests = store.tests(store.latest_run());
    REQUIRE(tests.size() == 1);
    CHECK(tests[0].verdict == Verdict::error);
    CHECK(tests[0].message == "the run ended in this test");
    const auto& checks = tests[0].checks;
    CHECK(static_cast<int>(checks.size()) >= acknowledged);
    CHECK(static_cast<int>(checks.size()) <= acknowledged + 1);
    for (std::size_t i = 0; i < checks.size(); ++i) {
        CHECK(checks[i].number == static_cast<int>(i) + 1);
        CHECK(checks[i].proves == std::vector<std::string>{"RLY-01"});
    }
}

TEST_CASE("the disk is told to keep a test when it ends, and not for every check", "[reports][store]") {
    TemporaryFolder folder;
    WatchedDisk disk;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(some_run());
    const int before = disk.syncs();
    store.begin_test(run, test, {}, 0);
    for (int number = 1; number <= 20; ++number)
        store.add_check(run, test, check(number));
    CHECK(disk.syncs() == before);

    store.end_test(run, test, Verdict::passed, "", 1);
    CHECK(disk.syncs() == before + 1);
}

TEST_CASE("programs that create one store at the same time all get it", "[reports][store]") {
    TemporaryFolder folder;
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
        children.push_back(fork());
        if (children.back() != 0) continue;
        try {
            Store store{folder / "rig.sqlite"};
            store.begin_run(some_run(std::to_string(i)));
            _exit(0);
        } catch (const StoreError&) {
            _exit(1);
        }
    }
    for (const auto child : children) {
        int status = -1;
        waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    CHECK(Store{folder / "rig.sqlite"}.latest_run() == 8);
}

TEST_CASE("a store of a newer rig is refused and left alone", "[reports][store]") {
    TemporaryFolder folder;
    { Store store{folder / "rig.sqlite"}; }
    SQLite::Database{(folder / "rig.sqlite").string(), SQLite::OPEN_READWRITE}.exec(
        "PRAGMA user_version = 1000");
    CHECK(
        complaint_about(folder / "rig.sqlite") ==
        "results store " + (folder / "rig.sqlite").string() +
            ": it was written by a newer rig (its version is 1000, this rig knows 2); use the newer rig, or "
            "another file");
}

TEST_CASE("a file that is no store is refused and left alone", "[reports][store]") {
    TemporaryFolder folder;
    const std::string text(5000, 'x');
    std::ofstream{folder / "notes.txt"} << text;
    CHECK_THAT(complaint_about(folder / "notes.txt"),
               Contains("notes.txt: the file is not a results store; use another file"));
    std::ifstream file{folder / "notes.txt"};
    CHECK(std::string{std::istreambuf_iterator<char>{file}, {}} == text);

    SECTION("so is another program's database") {
        SQLite::Database{(folder / "bookmarks").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec(
            "CREATE TABLE bookmarks (address TEXT)");
        CHECK_THAT(complaint_about(folder / "bookmarks"), Contains("another program's database"));
    }
    SECTION("and a folder") {
        CHECK_THAT(complaint_about(folder.path()), Contains("cannot be opened or created"));
    }
    SECTION("but an empty file becomes one") {
        std::ofstream{folder / "empty"};
        CHECK(complaint_about(folder / "empty") == "no complaint");
    }
}

TEST_CASE("a locked store says so when patience ends", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite", milliseconds{1}};
    const int run = store.begin_run(some_run());
    store.begin_test(run, test, {}, 0);

    SQLite::Database browser{(folder / "rig.sqlite").string(), SQLite::OPEN_READWRITE};
    browser.exec("BEGIN IMMEDIATE");
    CHECK_THAT(complaint([&] { store.add_check(run, test, check(1)); }),
               Contains("rig.sqlite: another program keeps it locked; close that program"));

    browser.exec("ROLLBACK");
    store.add_check(run, test, check(1));
    CHECK(store.tests(run).at(0).checks.size() == 1);
}

TEST_CASE("a program that stopped while it was opening a store keeps no other waiting for ever",
          "[reports][store]") {
    TemporaryFolder folder;
    const int stopped = open(folder.path().c_str(), O_RDONLY | O_DIRECTORY);
    REQUIRE(flock(stopped, LOCK_EX) == 0);
    CHECK_THAT(complaint_about(folder / "rig.sqlite"), Contains("another program is opening a store"));
    close(stopped);
    CHECK(complaint_about(folder / "rig.sqlite") == "no complaint");
}

TEST_CASE("a read-only store says so", "[reports][store]") {
    TemporaryFolder folder;
    { Store store{folder / "rig.sqlite"}; }
    using std::filesystem::perms;
    const bool folder_too = GENERATE(false, true);
    std::filesystem::permissions(folder / "rig.sqlite", static_cast<perms>(0444));
    std::filesystem::permissions(folder.path(), static_cast<perms>(folder_too ? 0555 : 0777));
    // Permissions do not bind root: look as somebody else.
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const auto child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(1);
        const auto said = complaint_about(folder / "rig.sqlite");
        _exit(write(pipe_ends[1], said.data(), said.size()) > 0 ? 0 : 1);
    }
    close(pipe_ends[1]);
    char said[500] = {};
    CHECK(read(pipe_ends[0], said, sizeof said - 1) > 0);
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);
    std::filesystem::permissions(folder.path(), perms::owner_all);
    CHECK_THAT(std::string{said},
               Contains("rig.sqlite: it is read-only; make the file and its folder writable"));
}

TEST_CASE("a full disk is reported, and what was stored before is kept", "[reports][store]") {
    TemporaryFolder folder;
    WatchedDisk disk;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(some_run());
    store.begin_test(run, test, {}, 0);
    store.add_check(run, test, check(1));

    disk.fill();
    CHECK_THAT(complaint([&] { store.add_check(run, test, check(2)); }),
               Contains("rig.sqlite: the disk is full; what was stored before is kept; free some space"));
    CHECK(store.tests(run).at(0).checks.size() == 1);

    disk.free_some();
    store.add_check(run, test, check(2));
    CHECK(store.tests(run).at(0).checks.size() == 2);
}

TEST_CASE("a check of a test that never began is refused", "[reports][store]") {
    TemporaryFolder folder;
    Store store{folder / "rig.sqlite"};
    const int run = store.begin_run(some_run());
    CHECK_THROWS_AS(store.add_check(run, test, check(1)), StoreError);
    CHECK_THAT(
        complaint([&] { store.end_test(run, test, Verdict::passed, "", 1); }),
        Contains("\"the charge relay opens at V-max\" on pack, attempt 1 ends, but it never began in run 1"));

    SECTION("and so is a second check with the same number") {
        store.begin_test(run, test, {}, 0);
        store.add_check(run, test, check(1));
        CHECK_THROWS_AS(store.add_check(run, test, check(1)), StoreError);
        CHECK_NOTHROW(store.add_check(run, test, check(2)));
    }
}

TEST_CASE("asking for a run that is not there names the store", "[reports][store]") {
    TemporaryFolder folder;
    const Store store{folder / "rig.sqlite"};
    CHECK_THAT(complaint([&] { store.latest_run(); }), Contains("rig.sqlite: it holds no run yet"));
    CHECK_THAT(complaint([&] { store.run(7); }), Contains("rig.sqlite: it has no run 7"));
}
