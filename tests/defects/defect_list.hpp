// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace rig::defects {

/// A defect that does not apply, does not build or cannot be tried. The message says why.
class DefectError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One small thing wrong in one file, and the requirements it breaks.
struct Defect {
    std::string name;
    std::string file;  ///< from the project's root
    std::string find, replace;
    std::vector<std::string> breaks;  ///< at least one of their checks must turn red
};

struct DefectList {
    std::string profile;
    std::string fixture;  ///< from the project's root
    std::vector<Defect> defects;
};

/// Throws DefectError naming file and line for a key that is missing, unknown or empty, and for a
/// name that comes twice.
DefectList read_defects(const std::filesystem::path& file);

/// `text` with the defect in it. Throws DefectError unless `find` is there exactly once: an edit
/// of the firmware must not quietly disarm a defect.
std::string with_defect(const Defect& defect, const std::string& text);

std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace rig::defects
