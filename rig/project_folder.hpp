// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "rig/lua/declaration.hpp"

namespace rig {

/// Something on the command line, or a file it names, is not as it must be.
/// The message says what, where and what to do.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Where the rig finds what it needs: scripts, fixtures, dialects and limits in
/// the project, firmware images in the build.
struct ProjectFolder {
    std::filesystem::path root;    ///< holds scripts/acceptance and fixtures
    std::filesystem::path images;  ///< a folder per profile

    /// Looks upwards from the executable, then from the current folder.
    static ProjectFolder find();

    /// The project's own bench for boards of a profile, the current product's when none is named.
    std::filesystem::path fixture_of(const std::string& profile = {}) const {
        return root / "fixtures" / ((profile.empty() ? "gen3-hw2" : profile) + "-4s.toml");
    }
    /// Throws UsageError unless the command line names a file there; `instead` is what else it could say
    /// before the default one's path.
    void require_fixture_file(const std::filesystem::path& named, const std::string& instead) const;
    std::filesystem::path limits_of(const std::string& profile) const {
        return root / "fixtures" / "limits" / (profile + ".toml");
    }

    /// The scripts that the command line names, folders opened; all acceptance
    /// scripts when it names none. In the order of their names, each once.
    std::vector<ScriptFile> scripts(const std::vector<std::string>& named) const;
};

}  // namespace rig
