// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/results.hpp"
#include "reports/signal_block.hpp"

namespace rig::reports {

/// What was recorded in a test.
using RecordingOf = std::function<std::vector<RecordedSignal>(const TestRecord&)>;

/// One run as one file that loads nothing from anywhere: verdict, what failed
/// and why, requirements, every measurement against its limits, and plots of
/// what was recorded. Plots of tests that passed are left out beyond a few
/// megabytes; those of the others come first.
std::string html_text(const Results& results, const RecordingOf& recording_of);

}  // namespace rig::reports
