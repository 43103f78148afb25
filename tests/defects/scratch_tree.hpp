// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig::defects {

/// A copy of a part of the project with a build of its own, in which one file at a time differs from
/// the project's. What one build made and the next change does not touch is kept.
class ScratchTree {
public:
    /// Copies `parts`, files or folders named from the project's root, and `top`, the CMakeLists.txt
    /// for above them, into `folder`. `jobs`: compilers at a time.
    ScratchTree(const std::filesystem::path& project, const std::vector<std::string>& parts,
                const std::string& top, const std::filesystem::path& folder, int jobs);

    /// To be called once, when all is in place; throws DefectError.
    void configure();

    /// Gives a file, named from the root, another text. The one before is mended.
    void change(const std::string& file, const std::string& text);
    void mend();

    /// Throws DefectError with the compiler's words when something does not build.
    void build(const std::vector<std::string>& targets);

    const std::filesystem::path& source() const { return source_; }
    const std::filesystem::path& built() const { return build_; }

private:
    std::filesystem::path source_, build_;
    int jobs_;
    std::filesystem::path changed_file_;  ///< empty: none
    std::string sound_text_;
};

}  // namespace rig::defects
