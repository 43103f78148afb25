// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "tests/defects/defect_list.hpp"

namespace rig::defects {

/// A copy of the firmware, built by the firmware's own rules, that holds one defect at a time.
/// What one build made and the next defect does not touch is kept.
class ScratchFirmware {
public:
    /// Copies into `folder` and configures the build there.
    ScratchFirmware(const std::filesystem::path& project, const std::filesystem::path& folder,
                    const std::string& profile, int jobs);

    void build_sound();

    /// Throws DefectError with the compiler's words when the firmware does not build.
    void build(const Defect& defect);

    /// What a fixture's [virtual] firmware names.
    std::filesystem::path images() const;

private:
    void mend();
    void make();

    std::filesystem::path source_, build_;
    std::string profile_;
    int jobs_;
    std::filesystem::path broken_file_;  ///< empty: none
    std::string sound_text_;
};

}  // namespace rig::defects
