// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "reports/schema.hpp"

namespace rig::reports {
namespace {

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

Verdict verdict_of(const std::string& text) {
    for (const auto verdict : {Verdict::passed, Verdict::failed, Verdict::skipped})
        if (text == text_of(verdict)) return verdict;
    return Verdict::error;
}

/// What SQLite's complaint means to somebody at the bench, and what to do.
std::string explain(const std::filesystem::path& file, const SQLite::Exception& failure) {
    const auto where = "results store " + file.string() + ": ";
    switch (failure.getErrorCode()) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return where +
                   "another program keeps it locked; close that program (a database browser?) or "
                   "use another file";
        case SQLITE_FULL:
            return where + "the disk is full; what was stored before is kept; free some space and run again";
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return where + "it is read-only; make the file and its folder writable, or use another file";
        case SQLITE_CANTOPEN:
            return where +
                   "it cannot be opened or created; is its folder writable, and is the name not a "
                   "folder's?";
        case SQLITE_NOTADB:
            return where + "the file is not a results store; use another file, this one is left as it is";
        case SQLITE_CORRUPT:
            return where + "the file is damaged; move it away, a new one will be created";
        case SQLITE_IOERR:
            return where + "the disk cannot be read or written (" + failure.getErrorStr() +
                   "); check the disk, then run again";
        default:
            return where + failure.what() + " (SQLite error " + std::to_string(failure.getErrorCode()) + ")";
    }
}

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

std::optional<double> optional_of(const SQLite::Column& column) {
    if (column.isNull()) return std::nullopt;
    return column.getDouble();
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

/// One program at a time opens a store of a folder: of all that SQLite does,
/// the switch to a write-ahead log alone does not wait for its turn.
class Turn {
public:
    explicit Turn(const std::filesystem::path& file)
        : folder_(::open(file.has_parent_path() ? file.parent_path().c_str() : ".",
                         O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (folder_ >= 0) flock(folder_, LOCK_EX);
    }
    ~Turn() {
        if (folder_ >= 0) close(folder_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    int folder_;
};

SQLite::Database open_database(const std::filesystem::path& file, std::chrono::milliseconds patience) {
    if (const auto folder = file.parent_path(); !folder.empty()) {
        std::error_code failure;
        std::filesystem::create_directories(folder, failure);
        if (failure)
            throw StoreError("results store " + file.string() + ": its folder cannot be created (" +
                             failure.message() + "); choose a folder that is writable");
    }
    return SQLite::Database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                            static_cast<int>(patience.count())};
}

bool is_empty(SQLite::Database& database) {
    return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

/// Throws unless the file is a store of ours, or new.
void prepare(SQLite::Database& database, const std::filesystem::path& file) {
    const auto where = "results store " + file.string() + ": ";
    const int owner = database.execAndGet("PRAGMA application_id").getInt();
    if (owner != schema::application_id && !(owner == 0 && is_empty(database)))
        throw StoreError(
            where + "the file is another program's database; use another file, this one is left as it is");
    if (const int version = database.execAndGet("PRAGMA user_version").getInt(); version > schema::version)
        throw StoreError(where + "it was written by a newer rig (its version is " + std::to_string(version) +
                         ", this rig knows " + std::to_string(schema::version) +
                         "); use the newer rig, or another file");
    if (sqlite3_db_readonly(database.getHandle(), "main") == 1)
        throw StoreError(where +
                         "it is read-only; make the file and its folder writable, or use another file");

    if (database.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
        throw StoreError(where + "its file system cannot keep a write-ahead log; use a file on a local disk");
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA foreign_keys = ON");
    if (owner == schema::application_id) return;

    SQLite::Transaction creation{database, SQLite::TransactionBehavior::IMMEDIATE};
    if (is_empty(database)) {  // else another program was quicker
        database.exec(schema::tables);
        database.exec("PRAGMA application_id = " + std::to_string(schema::application_id));
        database.exec("PRAGMA user_version = " + std::to_string(schema::version));
    }
    creation.commit();
}

}  // namespace

/// The connection and the statements that a running test uses, prepared once.
struct Store::Database {
    Database(const std::filesystem::path& path, std::chrono::milliseconds patience)
        : file(path), connection(open_database(path, patience)) {
        const Turn turn{path};
        prepare(connection, path);
    }

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

namespace {

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
    test.began_ns = row.getColumn("began_ns").getInt64();
    if (row.getColumn("verdict").isNull()) {
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

std::vector<TestRecord> Store::tests(int run) const {
    auto& db = *database_;
    return db.guarded([&] {
        SQLite::Transaction snapshot{db.connection};  // a run may be going on elsewhere
        std::map<TestOrder, TestRecord> found;
        each_row(db.connection, "SELECT * FROM tests WHERE run = ?", run,
                 [&](SQLite::Statement& row) { found[order_of(row)] = test_of(row); });
        each_row(db.connection, "SELECT * FROM tags WHERE run = ? ORDER BY tag", run,
                 [&](SQLite::Statement& row) {
                     found[order_of(row)].tags.push_back(row.getColumn("tag").getString());
                 });
        each_row(db.connection, "SELECT * FROM checks WHERE run = ? ORDER BY number", run,
                 [&](SQLite::Statement& row) {
                     auto& test = found[order_of(row)];
                     test.checks.push_back(check_of(row));
                     // A test that never ended went on at least until its last check.
                     test.ended_ns = std::max(test.ended_ns, test.checks.back().bench_ns);
                 });
        each_row(db.connection, "SELECT * FROM proofs WHERE run = ? ORDER BY requirement", run,
                 [&](SQLite::Statement& row) {
                     auto& checks = found[order_of(row)].checks;
                     const auto cited = std::ranges::lower_bound(checks, row.getColumn("number").getInt(), {},
                                                                 &CheckRecord::number);
                     cited->proves.push_back(row.getColumn("requirement").getString());
                 });
        std::vector<TestRecord> ordered;
        ordered.reserve(found.size());
        for (auto& [order, test] : found)
            ordered.push_back(std::move(test));
        return ordered;
    });
}

}  // namespace rig::reports
