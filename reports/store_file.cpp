// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/store_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "reports/schema.hpp"
#include "reports/store.hpp"

namespace rig::reports {
namespace {

/// One program at a time opens a store of a folder: of all that SQLite does,
/// the switch to a write-ahead log alone does not wait for its turn.
class Turn {
public:
    Turn(const std::filesystem::path& file, std::chrono::milliseconds patience)
        : folder_(::open(file.has_parent_path() ? file.parent_path().c_str() : ".",
                         O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (folder_ >= 0 && flock(folder_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            if (std::chrono::steady_clock::now() > until) {
                close(folder_);
                throw StoreBusy("results store " + file.string() +
                                ": another program is opening a store in its folder and does not get on; is "
                                "it stopped? end it, or use another folder");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
    }
    ~Turn() {
        if (folder_ >= 0) close(folder_);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    int folder_;
};

void create_folder_of(const std::filesystem::path& file) {
    const auto folder = file.parent_path();
    if (folder.empty()) return;
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure)
        throw StoreError("results store " + file.string() + ": its folder cannot be created (" +
                         failure.message() + "); choose a folder that is writable");
}

bool is_empty(SQLite::Database& database) {
    return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

int version_of(SQLite::Database& database) {
    return database.execAndGet("PRAGMA user_version").getInt();
}

/// Throws unless the file is a store of ours that this rig knows, or new.
void refuse_strangers(SQLite::Database& database, const std::filesystem::path& file) {
    const auto where = "results store " + file.string() + ": ";
    const int owner = database.execAndGet("PRAGMA application_id").getInt();
    if (owner != schema::application_id && !(owner == 0 && is_empty(database)))
        throw StoreError(
            where + "the file is another program's database; use another file, this one is left as it is");
    if (const int version = version_of(database); version > schema::version)
        throw StoreError(where + "it was written by a newer rig (its version is " + std::to_string(version) +
                         ", this rig knows " + std::to_string(schema::version) +
                         "); use the newer rig, or another file");
}

/// From whatever version the file has, an empty one's included: all steps or none.
void bring_up_to_date(SQLite::Database& database) {
    SQLite::Transaction steps{database, SQLite::TransactionBehavior::IMMEDIATE};
    for (int version = version_of(database); version < schema::version; ++version)
        database.exec(schema::steps[version]);
    database.exec("PRAGMA application_id = " + std::to_string(schema::application_id));
    database.exec("PRAGMA user_version = " + std::to_string(schema::version));
    steps.commit();
}

/// In a folder that nothing can be written to SQLite reads a store without a log
/// only when it is promised that the file will not change.
SQLite::Database open_unchanging(const std::filesystem::path& file) {
    std::string address = "file:";
    for (const char byte : std::filesystem::absolute(file).string())
        address +=
            byte == '%' || byte == '?' || byte == '#' ? fmt::format("%{:02X}", byte) : std::string(1, byte);
    return SQLite::Database{address + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI};
}

}  // namespace

SQLite::Database open_store_file(const std::filesystem::path& file, std::chrono::milliseconds patience) {
    create_folder_of(file);
    const Turn turn{file, patience};
    SQLite::Database database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                              static_cast<int>(patience.count())};
    refuse_strangers(database, file);
    if (sqlite3_db_readonly(database.getHandle(), "main") == 1)
        throw StoreError("results store " + file.string() +
                         ": it is read-only; make the file and its folder writable, or use another file");
    if (database.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
        throw StoreError("results store " + file.string() +
                         ": its file system cannot keep a write-ahead log; use a file on a local disk");
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA foreign_keys = ON");
    if (version_of(database) < schema::version) bring_up_to_date(database);
    return database;
}

SQLite::Database open_store_file_to_read(const std::filesystem::path& file,
                                         std::chrono::milliseconds patience) {
    if (!std::filesystem::exists(file))
        throw StoreError("results store " + file.string() + ": there is none; rig run makes one");
    const auto open = [&] {
        try {
            SQLite::Database database{file.string(), SQLite::OPEN_READONLY,
                                      static_cast<int>(patience.count())};
            version_of(database);  // the first that needs the file
            return database;
        } catch (const SQLite::Exception& failure) {
            if (failure.getErrorCode() != SQLITE_CANTOPEN && failure.getErrorCode() != SQLITE_READONLY) throw;
            return open_unchanging(file);
        }
    };
    auto database = open();
    refuse_strangers(database, file);
    if (version_of(database) == schema::version) return database;
    { const auto up_to_date = open_store_file(file, patience); }
    return open();
}

bool is_busy(const SQLite::Exception& failure) {
    return failure.getErrorCode() == SQLITE_BUSY || failure.getErrorCode() == SQLITE_LOCKED;
}

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

}  // namespace rig::reports
