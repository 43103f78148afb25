// SPDX-License-Identifier: GPL-3.0-or-later
// A store's rows on a real PostgreSQL server, whatever happens to the connection.
#include "reports/push.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <catch2/catch.hpp>
#include <iostream>
#include <limits>
#include <pqxx/pqxx>
#include <random>
#include <thread>

#include "reports/pushed_rows.hpp"
#include "reports/run_process.hpp"
#include "reports/store.hpp"
#include "tests/reports/cutting_line.hpp"
#include "tests/reports/postgres_server.hpp"
#include "tests/reports/sample_run.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::reports;
using Catch::Contains;

namespace {

bool skipped() {
    const std::string why = PostgresServer::absent();
    if (!why.empty()) std::cout << "skipped: " << why << '\n';
    return !why.empty();
}

using Random = std::mt19937;

std::string words(Random& random, std::size_t most) {
    std::string text;
    for (auto left = std::uniform_int_distribution<std::size_t>(1, most)(random); left > 0; --left)
        text += static_cast<char>(std::uniform_int_distribution<int>(0, 255)(random));
    return text;
}

RunRecord run_of(const std::string& station, int number) {
    RunRecord run;
    run.station = station;
    run.uuid = station + " run " + std::to_string(number);
    run.started_utc = "2024-05-01T12:00:00Z";
    run.seed = std::numeric_limits<std::uint64_t>::max();
    run.planned = number;
    run.duts = {{"pack", "SN-7"}, {"other", ""}};
    run.files = {{"firmware", "first.elf", "0123"}, {"script", "a.lua", "4567"}};
    return run;
}

/// One of everything, and values at which a careless copy stumbles.
void fill_test(Store& store, int run, const TestKey& test, Random& random, int checks) {
    store.begin_test(run, test, {"long", words(random, 9)}, 5, 14);
    const double odd[] = {0.1,
                          -0.0,
                          3.6620000000000004,
                          1e-308,
                          std::numeric_limits<double>::infinity(),
                          -std::numeric_limits<double>::infinity(),
                          std::numeric_limits<double>::quiet_NaN()};
    for (int number = 1; number <= checks; ++number) {
        CheckRecord check;
        check.number = number;
        check.name = words(random, 20);
        if (number % 3 != 0) check.value = odd[number % 7];
        if (number % 2 == 0) check.low = 3.5;
        if (number % 5 == 0) check.high = odd[number % 4];
        check.proves = {"RLY-01", "RLY-" + std::to_string(number % 90 + 10)};
        check.bench_ns = std::int64_t{number} << 40;
        check.detail = words(random, 40);
        store.add_check(run, test, check);
    }
    store.add_event(run, test, 1, {7, "print", words(random, 60)});
    for (int block = 1; block <= 3; ++block)
        store.add_block(run, test, block, -7, {block, block + 1, words(random, 3000)});
}

/// Runs that ended, one that was killed, one that is going on.
void fill_store(const std::filesystem::path& file, const std::string& station, Random& random) {
    Store store(file);
    if (station == "east") store_sample_run(store);
    for (int number = 1; number <= 4; ++number) {
        RunRecord record = run_of(station, number);
        if (number == 4) record.process = this_process();
        const int run = store.begin_run(record);
        store.add_layout(run, {-7, {{"cell[1].voltage_v", "measured", "V", 0.001}, {"led", "plant", "", 1}}});
        store.add_instruments(run, {{"cell supply 1", "memory:1", words(random, 20)}});
        for (int test = 1; test <= 6; ++test) {
            const TestKey key{"pack", "a.lua", "test " + std::to_string(test % 5) + "\xFF", 1 + test / 5};
            fill_test(store, run, key, random, static_cast<int>(random() % 12));
            if (test < 6 || number < 3) store.end_test(run, key, Verdict::failed, words(random, 50), 1 << 20);
        }
        if (number < 3) store.end_run(run, "2024-05-01T12:00:09Z", RunEnd::stopped);
    }
}

std::string bits(double number) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", number);
    return text;
}

/// Every row of a table, each column as the server shows it.
struct Rows {
    std::string columns;
    std::vector<std::string> rows;
};

Rows rows_of_store(const std::filesystem::path& file, const std::string& table, bool of_tests) {
    SQLite::Database store(file.string());
    Rows found;
    SQLite::Statement info(store, "SELECT name FROM pragma_table_info('" + table + "') WHERE name <> 'run'");
    std::string own;
    while (info.executeStep()) {
        const std::string name = info.getColumn(0).getString();
        found.columns += ", " + name;
        own += ", t." + name;
    }
    // Of a run that is going on, tests that have not ended stay behind: run_of()'s fourth.
    const std::string behind =
        of_tests
            ? " WHERE NOT (r.process <> '' AND EXISTS (SELECT 1 FROM tests e WHERE e.run = t.run AND e.dut "
              "= t.dut AND e.file = t.file AND e.test = t.test AND e.attempt = t.attempt AND e.verdict IS "
              "NULL))"
            : "";
    SQLite::Statement query(
        store, "SELECT r.station, r.uuid" + own + " FROM " + table + " t JOIN runs r USING (run)" + behind);
    while (query.executeStep()) {
        std::string row;
        for (int i = 0; i < query.getColumnCount(); ++i) {
            const auto value = query.getColumn(i);
            if (value.isFloat())
                row += bits(value.getDouble());
            else if (value.isBlob())
                for (const char byte : value.getString()) {
                    char digits[3];
                    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
                    row += digits;
                }
            else
                row += value.isNull() ? "NULL" : server_text(value.getString());
            row += '|';
        }
        found.rows.push_back(row);
    }
    return found;
}

std::vector<std::string> rows_of_server(pqxx::work& work, const std::string& table,
                                        const std::string& columns) {
    constexpr pqxx::oid float8 = 701, bytea = 17;
    std::vector<std::string> rows;
    const pqxx::result found = work.exec("SELECT station, uuid" + columns + " FROM rig." + table);
    for (const auto& row : found) {
        std::string text;
        for (const auto& field : row) {
            if (field.is_null())
                text += "NULL";
            else if (field.type() == float8)
                text += bits(std::strtod(field.c_str(), nullptr));
            else if (field.type() == bytea)
                text += field.c_str() + 2;
            else
                text += field.c_str();
            text += '|';
        }
        rows.push_back(text);
    }
    return rows;
}

void check_that_all_is_there_once(const std::vector<std::filesystem::path>& stores, const std::string& url) {
    pqxx::connection connection(url);
    pqxx::work work(connection);
    for (const std::string table : {"duts", "files", "instruments", "signals", "tests", "tags", "checks",
                                    "proofs", "events", "recordings"}) {
        Rows all;
        for (const auto& store : stores) {
            const bool of_tests =
                std::string("duts files instruments signals").find(table) == std::string::npos;
            Rows found = rows_of_store(store, table, of_tests);
            all.columns = found.columns;
            all.rows.insert(all.rows.end(), found.rows.begin(), found.rows.end());
        }
        auto there = rows_of_server(work, table, all.columns);
        std::sort(all.rows.begin(), all.rows.end());
        std::sort(there.begin(), there.end());
        INFO(table);
        CHECK(all.rows.size() > 3);
        const auto [ours, theirs] =
            std::mismatch(all.rows.begin(), all.rows.end(), there.begin(), there.end());
        CHECK(there.size() == all.rows.size());
        CHECK((ours == all.rows.end() ? "" : *ours) == (theirs == there.end() ? "" : *theirs));
    }
    CHECK(work.exec("SELECT 1 FROM rig.runs WHERE seed = 18446744073709551615").size() == 8);
    CHECK(work.exec("SELECT 1 FROM rig.runs WHERE whole AND ending = 'stopped'").size() == 4);
    CHECK(work.exec("SELECT 1 FROM rig.runs WHERE NOT whole AND ending = 'killed'").size() == 2);
    CHECK(work.exec("SELECT 1 FROM rig.runs WHERE NOT whole AND ending = 'running'").size() == 2);
    CHECK(work.exec("SELECT 1 FROM rig.checks WHERE margin = least(value - low, high - value)").size() > 3);
}

std::string complaint(const std::function<void()>& action) {
    try {
        action();
    } catch (const PushError& refusal) {
        return refusal.what();
    }
    return "no complaint";
}

/// For the whole test program: a server takes a second to set up.
PostgresServer& server() {
    static PostgresServer one;
    return one;
}

struct NewDatabase {
    explicit NewDatabase(const std::string& options = "") : name("test_" + std::to_string(++count)) {
        pqxx::connection connection(server().url());
        pqxx::nontransaction(connection).exec("CREATE DATABASE " + name + " " + options);
    }
    std::string url() const { return server().url("rig:secret", name); }

    static inline int count = 0;
    std::string name;
};

}  // namespace

TEST_CASE("two stores pushed while the connection is cut at random are on the server, each row once",
          "[reports][push]") {
    if (skipped()) return;
    const char* given = std::getenv("RIG_TEST_SEED");
    const auto seed = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    std::cout << "RIG_TEST_SEED=" << seed << std::endl;
    Random random(seed);
    const TemporaryFolder folder;
    fill_store(folder / "east", "east", random);
    fill_store(folder / "west", "west", random);
    const NewDatabase database;
    CuttingLine line(folder / ".s.PGSQL.5432", server().socket());
    const std::string url = server().url("rig:secret", database.name, folder.path());

    int whole = 0, tries = 0;
    for (std::size_t allowed = 30'000; whole < 2; allowed += 1'000) {
        REQUIRE(++tries < 500);
        line.cut_after(std::uniform_int_distribution<std::size_t>(1, allowed)(random));
        const auto store = folder / (whole == 0 ? "east" : "west");
        const std::string said = complaint([&] { push(store, url, {}, 2'000); });
        if (said == "no complaint")
            ++whole;
        else
            CHECK_THAT(said, Contains("server test_") && Contains("\n  try     "));
    }
    line.cut_after(CuttingLine::never);
    INFO("RIG_TEST_SEED=" << seed);
    CHECK(line.cuts() > 10);
    check_that_all_is_there_once({folder / "east", folder / "west"}, database.url());

    // What is there is not sent again.
    const auto before = line.passed();
    const Pushed again = push(folder / "east", url);
    CHECK(again.runs_before == 3);
    CHECK(again.runs_open == 2);
    CHECK(again.checks == 0);
    CHECK(line.passed() - before < 30'000);
    check_that_all_is_there_once({folder / "east", folder / "west"}, database.url());
}

TEST_CASE("two programs that push one store at the same time leave each row once", "[reports][push]") {
    if (skipped()) return;
    Random random(1);
    const TemporaryFolder folder;
    fill_store(folder / "east", "east", random);
    fill_store(folder / "west", "west", random);
    const NewDatabase database;
    std::vector<std::thread> programs;
    std::array<std::string, 4> said;
    for (std::size_t i = 0; i < said.size(); ++i)
        programs.emplace_back([&, i, store = i % 2 == 0 ? "east" : "west"] {
            said[i] = complaint([&] { push(folder / store, database.url(), {}, 1'000); });
        });
    for (auto& program : programs)
        program.join();
    for (const std::string& complaints : said)
        CHECK(complaints == "no complaint");
    check_that_all_is_there_once({folder / "east", folder / "west"}, database.url());
}

TEST_CASE("a run that was going on is whole on the server after the next push", "[reports][push]") {
    if (skipped()) return;
    Random random(1);
    const TemporaryFolder folder;
    const NewDatabase database;
    Store store(folder / "rig.sqlite");
    RunRecord record = run_of("east", 1);
    record.process = this_process();
    const int run = store.begin_run(record);
    const TestKey first{"pack", "a.lua", "first", 1}, second{"pack", "a.lua", "second", 1};
    fill_test(store, run, first, random, 5);
    store.end_test(run, first, Verdict::passed, "", 9);
    fill_test(store, run, second, random, 3);
    std::vector<std::string> told;
    const auto tell = [&](int number, int tests) {
        told.push_back(std::to_string(number) + ": " + std::to_string(tests));
    };

    CHECK(push(folder / "rig.sqlite", database.url(), tell).checks == 5);
    CHECK(push(folder / "rig.sqlite", database.url(), tell).checks == 0);
    store.end_test(run, second, Verdict::passed, "", 9);
    store.end_run(run, "2024-05-01T12:00:09Z");
    const Pushed rest = push(folder / "rig.sqlite", database.url(), tell);
    CHECK(rest.checks == 3);
    CHECK(rest.runs_open == 0);
    CHECK(push(folder / "rig.sqlite", database.url(), tell).runs_before == 1);
    CHECK(told == std::vector<std::string>{"1: 1", "1: 0", "1: 1"});
}

TEST_CASE("a server that cannot be used is one message that says what to do", "[reports][push]") {
    if (skipped()) return;
    const TemporaryFolder folder;
    { Store store(folder / "rig.sqlite"); }
    const auto said = [&](const std::string& url) {
        return complaint([&] { push(folder / "rig.sqlite", url); });
    };
    CHECK_THAT(said("postgresql://rig@/rig?host=" + folder.path().string()),
               Contains("server rig on " + folder.path().string() + ": cannot connect: ") &&
                   Contains("is the server running"));
    CHECK_THAT(said("postgresql://[bad"), Contains("its address cannot be read") &&
                                              Contains("postgresql://USER:PASSWORD@HOST/DATABASE"));
    const std::string wrong = said(server().url("rig:wrong"));
    CHECK_THAT(wrong, Contains("password authentication failed for user \"rig\"") && Contains("~/.pgpass"));
    CHECK_THAT(wrong, !Contains("wrong"));
    CHECK_THAT(said(server().url("rig:secret", "absent")),
               Contains("\"absent\" does not exist") && Contains("createdb"));

    const NewDatabase latin("ENCODING LATIN1 LOCALE 'C' TEMPLATE template0");
    CHECK_THAT(said(latin.url()), Contains("encoding is LATIN1"));

    const NewDatabase strange;
    {
        pqxx::connection connection(strange.url());
        pqxx::nontransaction(connection).exec("CREATE SCHEMA rig; CREATE TABLE rig.oil (depth integer)");
    }
    CHECK_THAT(said(strange.url()), Contains("another program's tables; nothing was sent"));

    const NewDatabase newer;
    CHECK(said(newer.url()) == "no complaint");
    pqxx::connection connection(newer.url());
    pqxx::nontransaction direct(connection);
    direct.exec("UPDATE rig.version SET version = 1000");
    CHECK_THAT(said(newer.url()),
               Contains("a newer rig's (version 1000, this rig knows 1); nothing was sent"));

    const NewDatabase closed;
    direct.exec("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    CHECK_THAT(said(server().url("guest:guest", closed.name)),
               Contains("the user may not do this: ERROR:  permission denied") &&
                   Contains("may create a schema for the first push"));
}
