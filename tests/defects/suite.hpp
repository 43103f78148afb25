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

struct RanTest {
    std::string name;
    double bench_s = 0.0;  ///< how long it took, in bench time
};

/// What a run of the scripts found.
struct SuiteOutcome {
    double cpu_s = 0.0;
    bool over_limit = false;  ///< ended for its processor time: what is here came before
    std::vector<RanTest> ran;
    int errors = 0;                   ///< tests in which the bench or the script gave up: no verdict
    std::vector<FailedCheck> failed;  ///< in the order of scripts and tests
    std::vector<std::string>
        failed_tests;  ///< for a failed check, or because the bench condemns the firmware
};

/// Which tests are to run, and how far.
struct Selected {
    std::vector<std::string> ids;        ///< only tests that prove one of these; empty: all
    std::string filter;                  ///< only tests whose name it matches; empty: all
    bool fail_fast = false;              ///< none begins once one has not passed
    std::vector<std::string> scripts{};  ///< only these, as results name them; empty: all
};

/// A copy of the program in `folder`: what is built anew meanwhile disturbs no campaign.
std::filesystem::path own_copy(const std::filesystem::path& program, const std::filesystem::path& folder);

/// The acceptance scripts, run by the rig on whatever images they are to judge.
struct Suite {
    std::filesystem::path project;
    std::filesystem::path rig;
    std::uint64_t seed = 1;
    int jobs = 1;
    double cpu_limit_s = 0.0;  ///< 0: none

    /// Boards with these images in the place of the fixture's own. Keeps its files in `folder`. Throws
    /// DefectError when the rig brings no results; that no test was selected is an outcome without tests.
    SuiteOutcome run(const std::filesystem::path& fixture, const std::filesystem::path& images,
                     const std::filesystem::path& folder, const Selected& selected = {}) const;
};

}  // namespace rig::defects
