// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig {

/// A file of the command line and the name it goes by in a message: an option, "the fixture", "a script".
struct NamedFile {
    std::string name;
    std::filesystem::path path;
};

/// A report must not be written over what it is made from, nor over another one. Throws UsageError naming
/// both where a file that is `written` is another of them, or one that is `read`; an empty path is none.
void require_separate_files(const std::vector<NamedFile>& written, const std::vector<NamedFile>& read = {});

}  // namespace rig
