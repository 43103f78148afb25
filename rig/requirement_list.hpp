// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

/// A row of scripts/requirements.toml, and what scripts/unprovable.toml says of it.
struct Requirement {
    std::vector<std::string> profiles;  ///< empty: all
    std::string mode;                   ///< "normal" or "critical"; empty: both
    std::string text;

    std::string unprovable;  ///< why no check on a bench can show it; empty: one can
    std::string part;        ///< only this part cannot be shown; empty: all of it, if any
};

/// Whether it is a requirement on the boards of this profile.
bool applies(const Requirement& requirement, std::string_view profile);

using RequirementList = std::map<std::string, Requirement>;  ///< by ID

/// Both files of the folder `scripts`. Throws FixtureError naming file and line.
RequirementList load_requirements(const std::filesystem::path& scripts);

}  // namespace rig
