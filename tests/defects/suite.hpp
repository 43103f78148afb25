// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace rig::defects {

/// A check that did not pass, as the results store has it.
struct FailedCheck {
    std::string name;
    std::string script_line;
    std::vector<std::string> proves;
};

/// What a run of the scripts found.
struct SuiteOutcome {
    int tests = 0;
    int errors = 0;                   ///< tests in which the bench or the script gave up: no verdict
    std::vector<FailedCheck> failed;  ///< in the order of scripts and tests
};

/// The acceptance scripts, run by the rig on whatever images they are to judge.
struct Suite {
    std::filesystem::path project;
    std::filesystem::path rig;
    std::filesystem::path fixture;
    std::string filter;  ///< of test names; empty: all
    std::uint64_t seed = 1;
    int jobs = 1;

    /// Keeps its files in `folder`; only tests that prove one of `ids`, if there are any. Throws
    /// DefectError when the rig brings no results.
    SuiteOutcome run(const std::filesystem::path& images, const std::filesystem::path& folder,
                     const std::vector<std::string>& ids = {}) const;
};

}  // namespace rig::defects
