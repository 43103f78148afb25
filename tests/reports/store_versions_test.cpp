// SPDX-License-Identifier: GPL-3.0-or-later
// Stores that older rigs left, and stores that nobody may write to.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>

#include "reports/results.hpp"
#include "tests/reports/golden.hpp"
#include "tests/reports/sample_run.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;
using Catch::Matchers::Contains;
using std::chrono::milliseconds;

namespace {

/// As version 1 left it: golden/store-1.sql.
std::filesystem::path old_store(const TemporaryFolder& folder) {
    const auto file = folder / "rig.sqlite";
    SQLite::Database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec(
        contents(std::filesystem::path{RIG_TESTS_FOLDER} / "golden/store-1.sql"));
    return file;
}

int version_of(const std::filesystem::path& file) {
    return SQLite::Database{file.string()}.execAndGet("PRAGMA user_version").getInt();
}

void check_what_it_held(const Store& store) {
    CHECK(store.runs() == std::vector<int>{1, 2});
    const auto ended = results_of(store, 1);
    CHECK(ended.run.ending == RunEnd::complete);
    CHECK(ended.run.ended_utc == "2024-05-01T12:00:09Z");
    CHECK(ended.tally.tests == 7);
    CHECK(ended.tally.checks == 10);

    const auto killed = results_of(store, 2);
    CHECK(killed.run.ending == RunEnd::killed);
    CHECK(killed.run.seed == 18446744073709551615ULL);
    REQUIRE(killed.tests.size() == 1);
    CHECK(killed.tests[0].verdict == Verdict::error);
    CHECK(killed.tests[0].message == "the run ended in this test");
    CHECK(killed.tests[0].checks.at(0).value == 50.5);
    CHECK(killed.verdict() == Verdict::error);
}

/// What `action` says in a process that may write nowhere; permissions do not bind root.
std::string said_as_nobody(const std::function<std::string()>& action) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const auto child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(1);
        const auto said = action();
        _exit(write(pipe_ends[1], said.data(), said.size()) > 0 ? 0 : 1);
    }
    close(pipe_ends[1]);
    char said[1000] = {};
    CHECK(read(pipe_ends[0], said, sizeof said - 1) > 0);
    close(pipe_ends[0]);
    waitpid(child, nullptr, 0);
    return said;
}

std::string tests_read(const std::filesystem::path& file) {
    try {
        const Store store{file, milliseconds{1}, Store::Access::read};
        return std::to_string(results_of(store, store.latest_run()).tally.tests) + " tests";
    } catch (const StoreError& refusal) {
        return refusal.what();
    }
}

}  // namespace

TEST_CASE("a store of the first version keeps all it held when a later rig opens it", "[reports][store]") {
    TemporaryFolder folder;
    const auto access = GENERATE(Store::Access::write, Store::Access::read);
    const auto file = old_store(folder);
    REQUIRE(version_of(file) == 1);
    { check_what_it_held(Store{file, milliseconds{1}, access}); }
    CHECK(version_of(file) > 1);

    Store store{file};
    RunRecord another;
    another.uuid = "another";
    CHECK(store.begin_run(another) == 3);
    store.end_run(2, "2024-05-02T08:30:10Z");
    CHECK(store.run(2).ending == RunEnd::complete);
}

TEST_CASE("a store that was brought up to date has the tables of a new one", "[reports][store]") {
    TemporaryFolder folder;
    const auto old = old_store(folder);
    { const Store first{old}, second{folder / "new.sqlite"}; }
    const auto tables = [](const std::filesystem::path& file) {
        SQLite::Database database{file.string()};
        SQLite::Statement query{database, "SELECT name, sql FROM sqlite_master ORDER BY name"};
        std::string text;
        while (query.executeStep())
            text += query.getColumn(0).getString() + query.getColumn(1).getString() + "\n";
        return text;
    };
    CHECK(tables(old) == tables(folder / "new.sqlite"));
}

TEST_CASE("a store that cannot be brought up to date is left as it was", "[reports][store]") {
    TemporaryFolder folder;
    const auto file = old_store(folder);
    SQLite::Database browser{file.string(), SQLite::OPEN_READWRITE};
    browser.exec("BEGIN IMMEDIATE");
    CHECK_THAT(tests_read(file), Contains("another program keeps it locked"));
    browser.exec("ROLLBACK");
    CHECK(browser.execAndGet("PRAGMA user_version").getInt() == 1);
    browser.exec(
        "INSERT INTO runs SELECT 3, station, 'another', started_utc, NULL, rig_version, fixture, "
        "profile, seed FROM runs WHERE run = 1");
}

TEST_CASE("a report needs no right to write to the store", "[reports][store]") {
    TemporaryFolder folder;
    {
        Store store{folder / "rig.sqlite"};
        store_sample_run(store);
    }
    using std::filesystem::perms;
    std::filesystem::permissions(folder / "rig.sqlite", static_cast<perms>(0444));
    const bool folder_too = GENERATE(false, true);
    std::filesystem::permissions(folder.path(), static_cast<perms>(folder_too ? 0555 : 0777));
    CHECK(said_as_nobody([&] { return tests_read(folder / "rig.sqlite"); }) == "7 tests");
    std::filesystem::permissions(folder.path(), perms::owner_all);
}

TEST_CASE("a report makes no store where there is none", "[reports][store]") {
    TemporaryFolder folder;
    CHECK_THAT(tests_read(folder / "rig.sqlite"), Contains("rig.sqlite: there is none; rig run makes one"));
    CHECK_FALSE(std::filesystem::exists(folder / "rig.sqlite"));
}
