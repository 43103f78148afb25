// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace rig::reports {

/// Opens or creates a store's file. Throws StoreError, or what SQLite throws,
/// when it is not ours to use; then the file is as it was.
SQLite::Database open_store_file(const std::filesystem::path& file, std::chrono::milliseconds patience);

/// What SQLite's complaint means to somebody at the bench, and what to do.
std::string explain(const std::filesystem::path& file, const SQLite::Exception& failure);

}  // namespace rig::reports
