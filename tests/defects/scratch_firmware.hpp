// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace rig::defects {

/// A copy of the firmware, built by the firmware's own rules, in which one file at a time differs
/// from the project's. What one build made and the next change does not touch is kept.
class ScratchFirmware {
public:
    /// Copies into `folder` and configures the build there; throws DefectError. `jobs`: compilers
    /// at a time.
    ScratchFirmware(const std::filesystem::path& project, const std::filesystem::path& folder, int jobs);

    /// Gives a file, named from the project's root, another text. The one before is mended.
    void change(const std::string& file, const std::string& text);
    void mend();

    /// Throws DefectError with the compiler's words when a profile's images do not build.
    void build(const std::string& profile);

    /// What a fixture's [virtual] firmware names.
    std::filesystem::path images(const std::string& profile) const;

    /// A fingerprint of what would be written into the chips; line numbers and the like are not.
    std::string contents(const std::string& profile) const;

private:
    std::filesystem::path source_, build_;
    int jobs_;
    std::filesystem::path changed_file_;  ///< empty: none
    std::string sound_text_;
};

}  // namespace rig::defects
