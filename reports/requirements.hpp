// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "reports/store.hpp"

namespace rig::reports {

/// What a run says about each requirement that a check cites. An ID is in
/// exactly one of the three sets.
struct Requirements {
    std::set<std::string> proved;     ///< checks passed, in tests that came to their end
    std::set<std::string> broken;     ///< at least one check failed
    std::set<std::string> undecided;  ///< a test that cites it ended in an error
};

Requirements requirements_of(const std::vector<TestRecord>& tests);

}  // namespace rig::reports
