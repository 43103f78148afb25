// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rig/requirement_list.hpp"

namespace rig {

/// A script on disk and the name it has in every table and report.
struct ScriptFile {
    std::filesystem::path path;
    std::string name;               ///< "acceptance/thresholds.lua"
    std::filesystem::path library;  ///< where `require "lib.x"` looks for x.lua
    std::shared_ptr<const RequirementList> requirements = nullptr;  ///< what it may cite; null: any ID
};

/// What a script says of a test before it runs.
struct TestDeclaration {
    std::string name;
    int line = 0;
    std::vector<std::string> needs, proves, tags;
    double limit_s = 600.0;     ///< bench time
    std::optional<int> cells;   ///< a pack of this many instead of the fixture's
    bool uncalibrated = false;  ///< boards as they are before the end of the line
};

/// A script that cannot be loaded: its message says what, where and what to do.
class ScriptError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace rig
