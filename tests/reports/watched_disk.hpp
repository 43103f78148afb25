// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sqlite3.h>

#include <stdexcept>

namespace rig::reports {

/// While it lives, write-ahead logs that SQLite opens in this process are on a
/// disk that can be full and counts how often it was told to keep what it has:
/// a layer over SQLite's own file system. One log at a time.
class WatchedDisk {
public:
    WatchedDisk() : original_(sqlite3_vfs_find(nullptr)), layer_(*original_) {
        instance() = this;
        layer_.zName = "watched-disk";
        layer_.pNext = nullptr;
        layer_.xOpen = open;
        if (sqlite3_vfs_register(&layer_, 1) != SQLITE_OK)
            throw std::runtime_error("no layer over SQLite's files");
    }
    ~WatchedDisk() {
        sqlite3_vfs_unregister(&layer_);
        instance() = nullptr;
    }
    WatchedDisk(const WatchedDisk&) = delete;
    WatchedDisk& operator=(const WatchedDisk&) = delete;

    void fill() { full_ = true; }
    void free_some() { full_ = false; }
    int syncs() const { return syncs_; }

private:
    static WatchedDisk*& instance() {
        static WatchedDisk* only = nullptr;
        return only;
    }

    static int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* opened) {
        auto& disk = *instance();
        const int result = disk.original_->xOpen(disk.original_, name, file, flags, opened);
        if (result == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
            disk.usual_ = disk.methods_ = *file->pMethods;
            disk.methods_.xWrite = write;
            disk.methods_.xSync = sync;
            file->pMethods = &disk.methods_;
        }
        return result;
    }

    static int write(sqlite3_file* file, const void* data, int length, sqlite3_int64 offset) {
        auto& disk = *instance();
        return disk.full_ ? SQLITE_FULL : disk.usual_.xWrite(file, data, length, offset);
    }

    static int sync(sqlite3_file* file, int flags) {
        auto& disk = *instance();
        ++disk.syncs_;
        return disk.usual_.xSync(file, flags);
    }

    sqlite3_vfs* original_;
    sqlite3_vfs layer_;
    sqlite3_io_methods usual_{};
    sqlite3_io_methods methods_{};
    int syncs_ = 0;
    bool full_ = false;
};

}  // namespace rig::reports
