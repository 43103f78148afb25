// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/store.hpp"

#include "reports/store_connection.hpp"
#include "reports/stored_recordings.hpp"
#include "reports/stored_runs.hpp"
#include "reports/stored_tests.hpp"

namespace rig::reports {

namespace {

std::string name_of(const TestKey& test) {
    return test.file + " \"" + test.name + "\" on " + test.dut + ", attempt " + std::to_string(test.attempt);
}

/// Run, board, file, test, attempt: the first five columns of most tables.
void bind_key(SQLite::Statement& statement, int run, const TestKey& test) {
    statement.bind(1, run);
    statement.bind(2, test.dut);
    statement.bind(3, test.file);
    statement.bind(4, test.name);
    statement.bind(5, test.attempt);
}

void bind_optional(SQLite::Statement& statement, int column, const std::optional<double>& value) {
    if (value)
        statement.bind(column, *value);  // NaN becomes NULL
    else
        statement.bind(column);
}

}  // namespace

Store::Store(const std::filesystem::path& file, std::chrono::milliseconds patience, Access access) {
    try {
        database_ = std::make_unique<Database>(file, patience, access);
    } catch (const SQLite::Exception& failure) {
        throw StoreError(explain(file, failure));
    }
}

Store::~Store() = default;

void Store::set_patience(std::chrono::milliseconds patience) {
    database_->guarded([&] { database_->connection.setBusyTimeout(static_cast<int>(patience.count())); });
}

int Store::begin_run(const RunRecord& run) {
    auto& db = *database_;
    int number = 0;
    db.transact_to_disk([&] {
        SQLite::Statement insert{
            db.connection,
            "INSERT INTO runs (station, uuid, started_utc, rig_version, fixture, profile, seed, operated_by, "
            "process, planned) VALUES (?,?,?,?,?,?,?,?,?,?)"};
        insert.bind(1, run.station);
        insert.bind(2, run.uuid);
        insert.bind(3, run.started_utc);
        insert.bind(4, run.rig_version);
        insert.bind(5, run.fixture);
        insert.bind(6, run.profile);
        insert.bind(7, std::to_string(run.seed));
        insert.bind(8, run.operated_by);
        insert.bind(9, run.process);
        insert.bind(10, run.planned);
        insert.exec();
        number = static_cast<int>(db.connection.getLastInsertRowid());
        for (const auto& dut : run.duts)
            db.insert("INSERT INTO duts VALUES (?,?,?)", number, dut.dut, dut.serial);
        for (const auto& file : run.files)
            db.insert("INSERT INTO files VALUES (?,?,?,?)", number, file.kind, file.name, file.sha256);
    });
    return number;
}

void Store::add_instruments(int run, const std::vector<InstrumentRecord>& instruments) {
    auto& db = *database_;
    db.transact([&] {
        for (const auto& it : instruments)
            db.insert("INSERT OR REPLACE INTO instruments VALUES (?,?,?,?)", run, it.name, it.link,
                      it.identity);
    });
}

void Store::end_run(int run, const std::string& ended_utc, RunEnd ending) {
    auto& db = *database_;
    db.transact_to_disk([&] {
        SQLite::Statement update{db.connection, "UPDATE runs SET ended_utc = ?, ending = ? WHERE run = ?"};
        update.bind(1, ended_utc);
        update.bind(2, text_of(ending));
        update.bind(3, run);
        update.exec();
    });
}

void Store::begin_test(int run, const TestKey& test, const std::vector<std::string>& tags,
                       std::int64_t began_ns, int line) {
    auto& db = *database_;
    db.transact([&] {
        auto& insert = *db.insert_test;
        insert.tryReset();
        bind_key(insert, run, test);
        insert.bind(6, began_ns);
        insert.bind(7, line);
        insert.exec();
        for (const auto& tag : tags) {
            db.insert_tag->tryReset();
            bind_key(*db.insert_tag, run, test);
            db.insert_tag->bind(6, tag);
            db.insert_tag->exec();
        }
    });
}

void Store::add_check(int run, const TestKey& test, const CheckRecord& check) {
    auto& db = *database_;
    db.transact([&] {
        auto& insert = *db.insert_check;
        insert.tryReset();
        bind_key(insert, run, test);
        insert.bind(6, check.number);
        insert.bind(7, check.name);
        insert.bind(8, text_of(check.verdict));
        insert.bind(9, check.value ? "measurement" : "claim");
        bind_optional(insert, 10, check.value);
        bind_optional(insert, 11, check.low);
        bind_optional(insert, 12, check.high);
        insert.bind(13, check.unit);
        insert.bind(14, check.script_line);
        insert.bind(15, check.bench_ns);
        insert.bind(16, check.detail);
        insert.exec();
        for (const auto& requirement : check.proves) {
            db.insert_proof->tryReset();
            bind_key(*db.insert_proof, run, test);
            db.insert_proof->bind(6, check.number);
            db.insert_proof->bind(7, requirement);
            db.insert_proof->exec();
        }
    });
}

void Store::add_event(int run, const TestKey& test, int number, const EventRecord& event) {
    auto& db = *database_;
    db.transact([&] {
        auto& insert = *db.insert_event;
        insert.tryReset();
        bind_key(insert, run, test);
        insert.bind(6, number);
        insert.bind(7, event.bench_ns);
        insert.bind(8, event.kind);
        insert.bind(9, event.text);
        insert.exec();
    });
}

void Store::add_layout(int run, const SignalLayout& layout) {
    auto& db = *database_;
    db.transact([&] {
        SQLite::Statement insert{db.connection, "INSERT OR IGNORE INTO signals VALUES (?,?,?,?,?,?,?)"};
        for (std::size_t i = 0; i < layout.signals.size(); ++i) {
            const auto& signal = layout.signals[i];
            insert.tryReset();
            SQLite::bind(insert, run, layout.number, static_cast<std::int64_t>(i), signal.name, signal.source,
                         signal.unit, signal.step);
            insert.exec();
        }
    });
}

void Store::add_block(int run, const TestKey& test, int number, std::int64_t layout,
                      const SignalBlock& block) {
    auto& db = *database_;
    db.transact([&] {
        auto& insert = *db.insert_block;
        insert.tryReset();
        bind_key(insert, run, test);
        insert.bind(6, number);
        insert.bind(7, layout);
        insert.bind(8, block.first_ns);
        insert.bind(9, block.last_ns);
        insert.bind(10, block.changes.data(), static_cast<int>(block.changes.size()));
        insert.exec();
    });
}

void Store::end_test(int run, const TestKey& test, Verdict verdict, const std::string& message,
                     std::int64_t ended_ns) {
    auto& db = *database_;
    db.transact_to_disk([&] {
        auto& update = *db.update_test;
        update.tryReset();
        bind_key(update, run, test);
        update.bind(6, text_of(verdict));
        update.bind(7, message);
        update.bind(8, ended_ns);
        if (update.exec() != 1)
            throw StoreError("results store " + db.file.string() + ": " + name_of(test) +
                             " ends, but it never began in run " + std::to_string(run));
    });
}

RunRecord Store::run(int run) const {
    return database_->guarded([&] { return read_run(database_->connection, database_->file, run); });
}

std::vector<int> Store::runs() const {
    return database_->guarded([&] { return read_run_numbers(database_->connection); });
}

int Store::latest_run() const {
    const auto all = runs();
    if (all.empty())
        throw StoreError("results store " + database_->file.string() +
                         ": it holds no run yet; start one with rig run");
    return all.back();
}

int Store::find_run(const std::string& named) const {
    return database_->guarded([&] { return find_run_named(database_->connection, database_->file, named); });
}

std::vector<LatestTest> Store::latest_tests(const std::string& profile) const {
    return database_->guarded([&] { return read_latest_tests(database_->connection, profile); });
}

std::vector<RecordedSignal> Store::recording(int run, const TestKey& test) const {
    return database_->guarded([&] { return read_recording(database_->connection, run, test); });
}

std::vector<TestRecord> Store::tests(int run) const {
    return database_->guarded([&] { return read_tests(database_->connection, run); });
}

}  // namespace rig::reports
