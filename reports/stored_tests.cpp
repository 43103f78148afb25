// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/stored_tests.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace rig::reports {
namespace {

Verdict verdict_of(const std::string& text) {
    for (const auto verdict : {Verdict::passed, Verdict::failed, Verdict::skipped})
        if (text == text_of(verdict)) return verdict;
    return Verdict::error;
}
std::optional<double> optional_of(const SQLite::Column& column) {
    if (column.isNull()) return std::nullopt;
    return column.getDouble();
}
/// In the order in which Store::tests returns them.
using TestOrder = std::tuple<std::string, std::string, std::string, int>;

TestOrder order_of(SQLite::Statement& row) {
    return {row.getColumn("file").getString(), row.getColumn("test").getString(),
            row.getColumn("dut").getString(), row.getColumn("attempt").getInt()};
}

TestRecord test_of(SQLite::Statement& row) {
    TestRecord test;
    test.key = {row.getColumn("dut").getString(), row.getColumn("file").getString(),
                row.getColumn("test").getString(), row.getColumn("attempt").getInt()};
    test.line = row.getColumn("line").getInt();
    test.began_ns = row.getColumn("began_ns").getInt64();
    if (row.getColumn("verdict").isNull()) {
        test.ended = false;
        test.verdict = Verdict::error;
        test.message = "the run ended in this test";
        test.ended_ns = test.began_ns;
    } else {
        test.verdict = verdict_of(row.getColumn("verdict").getString());
        test.message = row.getColumn("message").getString();
        test.ended_ns = row.getColumn("ended_ns").getInt64();
    }
    return test;
}

CheckRecord check_of(SQLite::Statement& row) {
    CheckRecord check;
    check.number = row.getColumn("number").getInt();
    check.name = row.getColumn("name").getString();
    check.verdict = verdict_of(row.getColumn("verdict").getString());
    check.value = optional_of(row.getColumn("value"));
    if (!check.value && row.getColumn("kind").getString() == "measurement")
        check.value = std::numeric_limits<double>::quiet_NaN();
    check.low = optional_of(row.getColumn("low"));
    check.high = optional_of(row.getColumn("high"));
    check.unit = row.getColumn("unit").getString();
    check.script_line = row.getColumn("script_line").getString();
    check.bench_ns = row.getColumn("bench_ns").getInt64();
    check.detail = row.getColumn("detail").getString();
    return check;
}

template <class Take>
void each_row(SQLite::Database& connection, const char* sql, int run, Take take) {
    SQLite::Statement query{connection, sql};
    query.bind(1, run);
    while (query.executeStep())
        take(query);
}

}  // namespace

std::vector<TestRecord> read_tests(SQLite::Database& database, int run) {
    SQLite::Transaction snapshot{database};
    std::map<TestOrder, TestRecord> found;
    each_row(database, "SELECT * FROM tests WHERE run = ?", run,
             [&](SQLite::Statement& row) { found[order_of(row)] = test_of(row); });
    each_row(database, "SELECT * FROM tags WHERE run = ? ORDER BY tag", run, [&](SQLite::Statement& row) {
        found[order_of(row)].tags.push_back(row.getColumn("tag").getString());
    });
    each_row(database, "SELECT * FROM checks WHERE run = ? ORDER BY number", run,
             [&](SQLite::Statement& row) {
                 auto& test = found[order_of(row)];
                 test.checks.push_back(check_of(row));
                 // A test that never ended went on at least until its last check.
                 test.ended_ns = std::max(test.ended_ns, test.checks.back().bench_ns);
             });
    each_row(
        database, "SELECT * FROM events WHERE run = ? ORDER BY number", run, [&](SQLite::Statement& row) {
            auto& test = found[order_of(row)];
            test.events.push_back({row.getColumn("bench_ns").getInt64(), row.getColumn("kind").getString(),
                                   row.getColumn("text").getString()});
        });
    each_row(database, "SELECT * FROM proofs WHERE run = ? ORDER BY requirement", run,
             [&](SQLite::Statement& row) {
                 const auto cited = std::ranges::lower_bound(
                     found[order_of(row)].checks, row.getColumn("number").getInt(), {}, &CheckRecord::number);
                 cited->proves.push_back(row.getColumn("requirement").getString());
             });

    std::vector<TestRecord> ordered;
    ordered.reserve(found.size());
    for (auto& [order, test] : found)
        ordered.push_back(std::move(test));
    return ordered;
}

std::vector<LatestTest> read_latest_tests(SQLite::Database& database, const std::string& profile) {
    using Key = std::tuple<std::string, std::string, std::string>;  // file, test, board
    std::map<Key, int> last_run;
    SQLite::Statement query{
        database,
        "SELECT t.file, t.test, t.dut, max(t.run) FROM tests t JOIN runs r ON r.run = t.run "
        "WHERE r.profile = ? AND t.verdict IS NOT 'skipped' GROUP BY 1, 2, 3"};
    query.bind(1, profile);
    while (query.executeStep())
        last_run[{query.getColumn(0).getString(), query.getColumn(1).getString(),
                  query.getColumn(2).getString()}] = query.getColumn(3).getInt();

    std::set<int> runs;
    for (const auto& [key, run] : last_run)
        runs.insert(run);
    std::map<Key, LatestTest> latest;
    for (const int run : runs)
        for (TestRecord& test : read_tests(database, run)) {
            const Key key{test.key.file, test.key.name, test.key.dut};
            const auto last = last_run.find(key);
            // Attempts come in their order: the last one stays.
            if (last != last_run.end() && last->second == run) latest[key] = {run, std::move(test)};
        }
    std::vector<LatestTest> ordered;
    for (auto& [key, test] : latest)
        ordered.push_back(std::move(test));
    return ordered;
}

}  // namespace rig::reports
