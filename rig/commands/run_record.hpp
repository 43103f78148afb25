// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "reports/records.hpp"
#include "rig/commands/run.hpp"
#include "rig/planning.hpp"

namespace rig {

/// What the store keeps of a run besides its tests. Throws UsageError: a serial number for something that the
/// fixture does not hold.
reports::RunRecord record_of(const RunOptions& options, const Planned& planned);

/// "2026-01-31T12:00:00Z"
std::string utc_now();

}  // namespace rig
