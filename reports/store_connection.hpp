// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <optional>
#include <utility>

#include "reports/store.hpp"
#include "reports/store_file.hpp"

namespace rig::reports {

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

/// The connection and the statements that a running test uses, prepared once.
struct Store::Database {
    Database(const std::filesystem::path& path, std::chrono::milliseconds patience, Access access)
        : file(path),
          connection(access == Access::write ? open_store_file(path, patience)
                                             : open_store_file_to_read(path, patience)) {}

    template <class Action>
    auto guarded(Action&& action) {
        try {
            return std::forward<Action>(action)();
        } catch (const SQLite::Exception& failure) {
            if (is_busy(failure)) throw StoreBusy(explain(file, failure));
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

    /// For rows that come once a run: not worth a statement kept ready.
    template <class... Values>
    void insert(const char* sql, const Values&... values) {
        SQLite::Statement statement{connection, sql};
        SQLite::bind(statement, values...);
        statement.exec();
    }

    void prepare_statements() {
        commit.emplace(connection, "COMMIT");
        rollback.emplace(connection, "ROLLBACK");
        insert_test.emplace(
            connection,
            "INSERT INTO tests (run, dut, file, test, attempt, began_ns, line) VALUES (?,?,?,?,?,?,?)");
        insert_tag.emplace(connection, "INSERT OR IGNORE INTO tags VALUES (?,?,?,?,?,?)");
        insert_check.emplace(connection, "INSERT INTO checks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
        insert_block.emplace(connection, "INSERT INTO recordings VALUES (?,?,?,?,?,?,?,?,?,?)");
        insert_event.emplace(connection, "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?)");
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
    std::optional<SQLite::Statement> insert_test, insert_tag, insert_check, insert_event, insert_block,
        insert_proof, update_test;
};

}  // namespace rig::reports
