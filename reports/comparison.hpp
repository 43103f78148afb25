// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "reports/results.hpp"

namespace rig::reports {

/// Two runs side by side, for people: what differs in what they were made with,
/// which tests and requirements changed, and which measurements moved where.
std::string comparison_text(const Results& before, const Results& after);

}  // namespace rig::reports
