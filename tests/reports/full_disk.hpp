// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sqlite3.h>

#include <stdexcept>

namespace rig::reports {

/// While it lives, files that SQLite opens in this process are on a disk that
/// can be full: a layer over the default file system that lets writes fail.
class FullDisk {
public:
    FullDisk() : original_(sqlite3_vfs_find(nullptr)), layer_(*original_) {
        instance() = this;
        layer_.zName = "full-disk";
        layer_.pNext = nullptr;
        layer_.xOpen = open;
        if (sqlite3_vfs_register(&layer_, 1) != SQLITE_OK)
            throw std::runtime_error("no layer over SQLite's files");
    }
    ~FullDisk() {
        sqlite3_vfs_unregister(&layer_);
        instance() = nullptr;
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

    void fill() { full_ = true; }
    void free_some() { full_ = false; }

private:
    static FullDisk*& instance() {
        static FullDisk* only = nullptr;
        return only;
    }

    static int open(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* opened) {
        auto& disk = *instance();
        const int result = disk.original_->xOpen(disk.original_, name, file, flags, opened);
        // Of the log alone: the database file is written at a checkpoint only.
        if (result == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
            disk.usual_write_ = file->pMethods->xWrite;
            disk.methods_ = *file->pMethods;
            disk.methods_.xWrite = write;
            file->pMethods = &disk.methods_;
        }
        return result;
    }

    static int write(sqlite3_file* file, const void* data, int length, sqlite3_int64 offset) {
        auto& disk = *instance();
        return disk.full_ ? SQLITE_FULL : disk.usual_write_(file, data, length, offset);
    }

    sqlite3_vfs* original_;
    sqlite3_vfs layer_;
    sqlite3_io_methods methods_{};
    int (*usual_write_)(sqlite3_file*, const void*, int, sqlite3_int64) = nullptr;
    bool full_ = false;
};

}  // namespace rig::reports
