// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rig/trace/defect_results.hpp"
#include "rig/trace/trial.hpp"
#include "tests/defects/scratch_firmware.hpp"
#include "tests/defects/suite.hpp"

namespace rig::defects {

/// What the checks that failed, all or the first few, say of a trial.
DefectResult judged(const Trial& trial, const SuiteOutcome& outcome);

/// A trial's own tests in the scripts named `first` go first: those that noticed the same defect elsewhere.
struct Extent {
    bool own = false;  ///< only tests that prove what the defect breaks; else every test
    std::vector<std::string> first{};
};

/// Puts the defect into the scratch firmware, or into a copy of the fixture in `folder`, and lets
/// the scripts look for it. `sound`: what the firmware's images hold without it. Whatever keeps the
/// trial from a verdict is told in the result.
DefectResult run_trial(const Trial& trial, ScratchFirmware& firmware, const std::string& sound,
                       const Suite& suite, const Extent& extent, const std::string& filter,
                       const std::filesystem::path& folder);

}  // namespace rig::defects
