// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

#include "reports/store.hpp"

namespace rig::reports {

/// What Store::tests returns, read as of one moment: a run may be going on.
std::vector<TestRecord> read_tests(SQLite::Database& database, int run);

/// What Store::latest_tests returns.
std::vector<LatestTest> read_latest_tests(SQLite::Database& database, const std::string& profile);

}  // namespace rig::reports
