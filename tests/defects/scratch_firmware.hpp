// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "tests/defects/scratch_tree.hpp"

namespace rig::defects {

enum class Warnings { are_errors, are_none };

/// A copy of the firmware, built by the firmware's own rules.
class ScratchFirmware {
public:
    ScratchFirmware(const std::filesystem::path& project, const std::filesystem::path& folder, int jobs,
                    Warnings warnings = Warnings::are_errors);

    void change(const std::string& file, const std::string& text) { tree_.change(file, text); }
    void mend() { tree_.mend(); }

    /// Throws DefectError with the compiler's words when a profile's images do not build.
    void build(const std::string& profile);

    /// What a fixture's [virtual] firmware names.
    std::filesystem::path images(const std::string& profile) const;

    /// A fingerprint of what would be written into the chips; line numbers and the like are not.
    std::string contents(const std::string& profile) const;

private:
    ScratchTree tree_;
};

}  // namespace rig::defects
