// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "tests/defects/child_process.hpp"
#include "tests/defects/scratch_tree.hpp"

namespace rig::mutation {

/// The firmware's unit tests on a copy of the firmware, in which one file at a time is another.
class UnitTests {
public:
    UnitTests(const std::filesystem::path& project, const std::filesystem::path& folder, int jobs);

    void change(const std::string& file, const std::string& text) { tree_.change(file, text); }

    struct Outcome {
        bool built = false, passed = false, over_limit = false;
        double cpu_s = 0.0;
        std::string test;  ///< the first that failed
    };

    /// Builds and runs them, up to the first failure. `cpu_limit_s`: 0 is none.
    Outcome run(double cpu_limit_s);

private:
    defects::ScratchTree tree_;
};

}  // namespace rig::mutation
