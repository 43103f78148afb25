// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/defects/finding.hpp"
#include "tests/defects/trial.hpp"
#include "tests/defects/trial_queue.hpp"
#include "tests/reports/temporary_folder.hpp"

namespace rig::defects {

struct CampaignOptions {
    std::string results = "results/defects.jsonl";
    std::string filter;  ///< of test names
    std::uint64_t seed = 1;
    int jobs = 0;  ///< 0: as many as processors
    bool own = false, cover = false, fresh = false;
};

/// Trials side by side, each worker with a scratch firmware of its own. What an earlier campaign
/// found, and nothing has changed since, is kept.
class Campaign {
public:
    Campaign(const std::vector<Trial>& trials, const Suite& suite, const CampaignOptions& options);

    /// Without any defect the tests must pass, or no red check would mean anything.
    void require_sound_firmware_to_pass();

    /// In the order of the trials.
    std::vector<Finding> run();

private:
    Extent extent_of(const Trial& trial);
    void work(ScratchFirmware& firmware, const std::filesystem::path& folder);
    void take(std::size_t trial, const DefectResult& result, bool kept);

    const std::vector<Trial>& trials_;
    Suite suite_;
    CampaignOptions options_;
    ProjectState state_;
    TrialQueue queue_;
    std::vector<std::size_t> open_;  ///< trials without a result that is known
    rig::reports::TemporaryFolder folder_;
    std::unique_ptr<ScratchFirmware> first_;
    std::map<std::string, std::string> sound_;  ///< by profile: what the images hold
    std::map<std::string, std::vector<std::string>>
        noticed_in_;  ///< scripts, by defect, whatever the profile
    std::map<std::size_t, Finding> findings_;
    std::mutex mutex_;
};

}  // namespace rig::defects
