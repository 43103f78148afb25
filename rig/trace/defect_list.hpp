// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace rig::defects {

/// A list of defects that is not as it must be, or a defect that does not apply, does not build
/// or cannot be tried. The message says why.
class DefectError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One small thing wrong in one file, and the requirements it breaks.
struct Defect {
    std::string name;
    std::string file;  ///< from the project's root
    std::string find, replace;
    std::vector<std::string> breaks;    ///< at least one of their checks must turn red
    std::vector<std::string> profiles;  ///< only these, or generations; empty: all that it changes

    /// In a fixture file, not in the firmware.
    bool on_the_bench() const { return file.rfind("fixtures/", 0) == 0; }
};

/// One file of defects, and the bench that it was written for.
struct DefectList {
    std::string profile;
    std::string fixture;  ///< from the project's root
    std::vector<Defect> defects;
};

/// Throws DefectError naming file and line for a key that is missing, unknown or empty, and for a
/// name that comes twice.
DefectList read_defects(const std::filesystem::path& file);

/// Every list of a folder, in the order of their names, or the one that is named. No two defects
/// of them have the same name.
std::vector<DefectList> read_defect_lists(const std::filesystem::path& folder_or_file);

}  // namespace rig::defects
