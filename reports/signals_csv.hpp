// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "reports/signal_block.hpp"

namespace rig::reports {

/// What was recorded in a test as a table: a line for each change, signal by signal.
std::string signals_csv_text(const std::vector<RecordedSignal>& recording);

}  // namespace rig::reports
