// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rig/commands/run.hpp"
#include "rig/planning.hpp"
#include "rig/runner.hpp"

namespace rig {

/// Which tests run, on which pack, and how their bench is opened.
RunPlan plan_of(const RunOptions& options, const Planned& planned);

}  // namespace rig
