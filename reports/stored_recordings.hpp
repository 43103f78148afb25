// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <vector>

#include "reports/records.hpp"
#include "reports/signal_block.hpp"

namespace rig::reports {

/// What Store::recording returns.
std::vector<RecordedSignal> read_recording(SQLite::Database& database, int run, const TestKey& test);

}  // namespace rig::reports
