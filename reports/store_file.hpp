// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace rig::reports {

/// Opens or creates a store's file, and brings it up to date. Throws StoreError, or what SQLite throws,
/// when it is not ours to use; then the file is as it was.
SQLite::Database open_store_file(const std::filesystem::path& file, std::chrono::milliseconds patience);

/// Opens a store to read from, which needs no right to write: the file is left as it is, unless an
/// older rig wrote it. Throws as above, also when there is no file.
SQLite::Database open_store_file_to_read(const std::filesystem::path& file,
                                         std::chrono::milliseconds patience);

/// What SQLite's complaint means to somebody at the bench, and what to do.
std::string explain(const std::filesystem::path& file, const SQLite::Exception& failure);

/// Another program keeps it locked.
bool is_busy(const SQLite::Exception& failure);

}  // namespace rig::reports
