// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <string>
#include <vector>

#include "reports/records.hpp"

namespace rig::reports {

/// What Store::run, runs and find_run return; `file` is for messages.
RunRecord read_run(SQLite::Database& database, const std::filesystem::path& file, int run);
std::vector<int> read_run_numbers(SQLite::Database& database);
int find_run_named(SQLite::Database& database, const std::filesystem::path& file, const std::string& named);

}  // namespace rig::reports
