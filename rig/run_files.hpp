// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "reports/records.hpp"
#include "rig/planning.hpp"

namespace rig {

/// Every file that decides what the planned tests do, with its SHA-256: firmware,
/// fixture, limits, dialect, scripts and their library. Throws UsageError for one
/// that cannot be read.
std::vector<reports::FileRecord> files_of(const Planned& planned);

}  // namespace rig
