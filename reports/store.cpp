// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <charconv>
#include <utility>

#include "reports/store_file.hpp"
#include "reports/stored_tests.hpp"

namespace rig::reports {

const char* text_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return "passed";
        case Verdict::failed:
            return "failed";
        case Verdict::error:
            return "error";
        case Verdict::skipped:
            return "skipped";
    }
    return "error";
}

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

/// Begins at once as a writer, so that waiting for another writer happens
/// here; rolls back unless committed.
class Transaction {
public:
    Transaction(SQLite::Statement& begin, SQLite::Statement& commit, SQLite::Statement& rollback)
        : commit_(commit), rollback_(rollback) {
        run(begin);
    }

    ~Transaction() {
        if (committed_) return;
        try {
            run(rollback_);
        } catch (const SQLite::Exception&) {
            // SQLite has rolled back by itself: it does when the disk is full.
        }
    }

    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit() {
        run(commit_);
        committed_ = true;
    }

private:
    static void run(SQLite::Statement& statement) {
        statement.tryReset();
        statement.exec();
    }

    SQLite::Statement& commit_;
    SQLite::Statement& rollback_;
    bool committed_ = false;
};

/// While it lives, a commit returns only when it is on the disk.
class ToDisk {
public:
    explicit ToDisk(SQLite::Database& database) : database_(database) { set("FULL"); }
    ~ToDisk() { set("NORMAL"); }
    ToDisk(const ToDisk&) = delete;
    ToDisk& operator=(const ToDisk&) = delete;

private:
    void set(const std::string& level) { database_.tryExec("PRAGMA synchronous = " + level); }

    SQLite::Database& database_;
};

}  // namespace

/// The connection and the statements that a running test uses, prepared once.
struct Store::Database {
    Database(const std::filesystem::path& path, std::chrono::milliseconds patience)
        : file(path), connection(open_store_file(path, patience)) {}

    template <class Action>
    auto guarded(Action&& action) {
        try {
            return std::forward<Action>(action)();
        } catch (const SQLite::Exception& failure) {
            throw StoreError(explain(file, failure));
        }
    }

    template <class Action>
    void transact(Action&& action) {
        guarded([&] {
            if (!begin) prepare_statements();
            Transaction transaction{*begin, *commit, *rollback};
            action();
            transaction.commit();
        });
    }

    /// As transact, and on the disk when it returns: in WAL mode a FULL commit
    /// syncs the log, and with it every commit before.
    template <class Action>
    void transact_to_disk(Action&& action) {
        const ToDisk to_disk{connection};
        transact(std::forward<Action>(action));
    }

    void prepare_statements() {
        commit.emplace(connection, "COMMIT");
        rollback.emplace(connection, "ROLLBACK");
        insert_test.emplace(
            connection, "INSERT INTO tests (run, dut, file, test, attempt, began_ns) VALUES (?,?,?,?,?,?)");
        insert_tag.emplace(connection, "INSERT OR IGNORE INTO tags VALUES (?,?,?,?,?,?)");
        insert_check.emplace(connection, "INSERT INTO checks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
        insert_proof.emplace(
            connection,
            "INSERT OR IGNORE INTO proofs (run, dut, file, test, attempt, number, requirement) "
            "VALUES (?,?,?,?,?,?,?)");
        update_test.emplace(connection,
                            "UPDATE tests SET verdict = ?6, message = ?7, ended_ns = ?8 "
                            "WHERE run = ?1 AND dut = ?2 AND file = ?3 AND test = ?4 AND attempt = ?5");
        begin.emplace(connection, "BEGIN IMMEDIATE");
    }

    std::filesystem::path file;
    SQLite::Database connection;
    std::optional<SQLite::Statement> begin, commit, rollback;
    std::optional<SQLite::Statement> insert_test, insert_tag, insert_check, insert_proof, update_test;
};

Store::Store(const std::filesystem::path& file, std::chrono::milliseconds patience) {
    try {
        database_ = std::make_unique<Database>(file, patience);
    } catch (const SQLite::Exception& failure) {
        throw StoreError(explain(file, failure));
    }
}

Store::~Store() = default;

int Store::begin_run(const RunRecord& run) {
    auto& db = *database_;
    int number = 0;
    db.transact_to_disk([&] {
        SQLite::Statement insert{
            db.connection,
            "INSERT INTO runs (station, uuid, started_utc, rig_version, fixture, profile, seed) "
            "VALUES (?,?,?,?,?,?,?)"};
        insert.bind(1, run.station);
        insert.bind(2, run.uuid);
        insert.bind(3, run.started_utc);
        insert.bind(4, run.rig_version);
        insert.bind(5, run.fixture);
        insert.bind(6, run.profile);
        insert.bind(7, std::to_string(run.seed));
        insert.exec();
        number = static_cast<int>(db.connection.getLastInsertRowid());
    });
    return number;
}

void Store::end_run(int run, const std::string& ended_utc) {
    auto& db = *database_;
    db.transact_to_disk([&] {
        SQLite::Statement update{db.connection, "UPDATE runs SET ended_utc = ? WHERE run = ?"};
        update.bind(1, ended_utc);
        update.bind(2, run);
        update.exec();
    });
}

void Store::begin_test(int run, const TestKey& test, const std::vector<std::string>& tags,
                       std::int64_t began_ns) {
    auto& db = *database_;
    db.transact([&] {
        auto& insert = *db.insert_test;
        insert.tryReset();
        bind_key(insert, run, test);
        insert.bind(6, began_ns);
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
    auto& db = *database_;
    return db.guarded([&] {
        SQLite::Statement query{
            db.connection,
            "SELECT station, uuid, started_utc, rig_version, fixture, profile, seed FROM runs WHERE run = ?"};
        query.bind(1, run);
        if (!query.executeStep())
            throw StoreError("results store " + db.file.string() + ": it has no run " + std::to_string(run));
        RunRecord record;
        record.station = query.getColumn(0).getString();
        record.uuid = query.getColumn(1).getString();
        record.started_utc = query.getColumn(2).getString();
        record.rig_version = query.getColumn(3).getString();
        record.fixture = query.getColumn(4).getString();
        record.profile = query.getColumn(5).getString();
        const auto seed = query.getColumn(6).getString();
        std::from_chars(seed.data(), seed.data() + seed.size(), record.seed);
        return record;
    });
}

int Store::latest_run() const {
    auto& db = *database_;
    return db.guarded([&] {
        const int latest = db.connection.execAndGet("SELECT coalesce(max(run), 0) FROM runs").getInt();
        if (latest == 0)
            throw StoreError("results store " + db.file.string() +
                             ": it holds no run yet; start one with rig run");
        return latest;
    });
}

std::vector<LatestTest> Store::latest_tests(const std::string& profile) const {
    return database_->guarded([&] { return read_latest_tests(database_->connection, profile); });
}

std::vector<TestRecord> Store::tests(int run) const {
    return database_->guarded([&] { return read_tests(database_->connection, run); });
}

}  // namespace rig::reports
