// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/stored_runs.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "reports/run_process.hpp"
#include "reports/store.hpp"

namespace rig::reports {
namespace {

RunEnd end_of(const RunRecord& run, const std::string& stored) {
    if (run.ended_utc.empty()) return is_there(run.process) ? RunEnd::running : RunEnd::killed;
    for (const auto ending : {RunEnd::stopped, RunEnd::cut_short})
        if (stored == text_of(ending)) return ending;
    return RunEnd::complete;
}

template <class Take>
void each_row(SQLite::Database& database, const char* sql, int run, Take take) {
    SQLite::Statement query{database, sql};
    query.bind(1, run);
    while (query.executeStep())
        take([&](int column) { return query.getColumn(column).getString(); });
}

}  // namespace

RunRecord read_run(SQLite::Database& database, const std::filesystem::path& file, int run) {
    SQLite::Statement query{database, "SELECT * FROM runs WHERE run = ?"};
    query.bind(1, run);
    if (!query.executeStep())
        throw StoreError("results store " + file.string() + ": it has no run " + std::to_string(run) +
                         "; rig report --list shows those it has");
    const auto text = [&](const char* column) { return query.getColumn(column).getString(); };
    RunRecord record;
    record.station = text("station");
    record.uuid = text("uuid");
    record.started_utc = text("started_utc");
    record.rig_version = text("rig_version");
    record.fixture = text("fixture");
    record.profile = text("profile");
    const auto seed = text("seed");
    std::from_chars(seed.data(), seed.data() + seed.size(), record.seed);
    record.operated_by = text("operated_by");
    record.process = text("process");
    record.planned = query.getColumn("planned").getInt();
    record.ended_utc = text("ended_utc");
    record.ending = end_of(record, text("ending"));
    each_row(database, "SELECT dut, serial FROM duts WHERE run = ?", run, [&](auto column) {
        record.duts.push_back({column(0), column(1)});
    });
    each_row(database, "SELECT kind, name, sha256 FROM files WHERE run = ?", run, [&](auto column) {
        record.files.push_back({column(0), column(1), column(2)});
    });
    each_row(database, "SELECT name, link, identity FROM instruments WHERE run = ?", run, [&](auto column) {
        record.instruments.push_back({column(0), column(1), column(2)});
    });
    return record;
}

std::vector<int> read_run_numbers(SQLite::Database& database) {
    std::vector<int> numbers;
    SQLite::Statement query{database, "SELECT run FROM runs ORDER BY run"};
    while (query.executeStep())
        numbers.push_back(query.getColumn(0).getInt());
    return numbers;
}

int find_run_named(SQLite::Database& database, const std::filesystem::path& file, const std::string& named) {
    std::string beginning = named;
    for (char& c : beginning)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::vector<int> meant;
    SQLite::Statement query{database, "SELECT run, uuid FROM runs ORDER BY run"};
    while (query.executeStep()) {
        const int run = query.getColumn(0).getInt();
        if (std::to_string(run) == named) return run;
        // Four characters at least: "1" is a number that somebody got wrong.
        if (named.size() >= 4 && query.getColumn(1).getString().starts_with(beginning)) meant.push_back(run);
    }
    if (meant.size() == 1) return meant.front();
    throw StoreError("results store " + file.string() + ": " +
                     (meant.empty() ? "it has no run " : "it has several runs that begin with ") + named +
                     "; rig report --list shows those it has");
}

}  // namespace rig::reports
