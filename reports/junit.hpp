// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "reports/store.hpp"

namespace rig::reports {

/// Writes one run as JUnit XML in the dialect that Jenkins reads (junit-10):
/// a suite per script, a case per test and attempt, times in bench seconds.
/// Measurements and requirement IDs are lines of a case's system-out,
/// `[[PROPERTY|name=value]]`. Class and name together are unique. The only time
/// of day is each suite's `timestamp`. Throws ReportError.
void write_junit(const Store& store, int run, const std::filesystem::path& file);

}  // namespace rig::reports
