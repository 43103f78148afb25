// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/defects/scratch_firmware.hpp"
#include "tests/mutation/fate.hpp"
#include "tests/mutation/test_order.hpp"
#include "tests/mutation/unit_tests.hpp"

namespace rig::mutation {

enum class By { acceptance_scripts, unit_tests };

/// The acceptance scripts on one profile, and what they take with the sound firmware.
struct SoundProfile {
    std::string profile;
    std::string contents;  ///< of the images
    double cpu_s = 0.0;
    std::unique_ptr<TestOrder> order;
};

/// Builds the sound firmware and, unless unit tests judge, measures how it passes; throws DefectError
/// when it does not.
SoundProfile sound_profile(By by, const std::string& profile, defects::ScratchFirmware& firmware,
                           const defects::Suite& suite, const std::filesystem::path& folder);

/// Tries one mutant after the other: one worker's share of the work.
class Judge {
public:
    /// Keeps its files in `folder`. The profiles are tried in their order.
    Judge(By by, const defects::Suite& suite, const std::vector<SoundProfile>& profiles,
          const std::filesystem::path& folder);

    /// On the first profile in whose images the mutant is; where it survives, on the others too.
    Tried judge(const Mutant& mutant);

private:
    std::string source_of(const Mutant& mutant) const;
    bool build(const std::string& profile);
    Fate on_profile(const SoundProfile& sound, const std::set<std::string>& passed, Tried& tried);
    Fate in_units(Tried& tried);

    defects::Suite suite_;
    const std::vector<SoundProfile>& profiles_;
    std::filesystem::path folder_;
    defects::ScratchFirmware firmware_;
    std::unique_ptr<UnitTests> units_;  ///< null: the scripts judge
    double units_cpu_s_ = 0.0;          ///< with the sound firmware
};

}  // namespace rig::mutation
