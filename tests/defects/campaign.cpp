// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "tests/defects/child_process.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

int processors() {
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

Campaign::Campaign(const std::vector<Trial>& trials, const Suite& suite, const CampaignOptions& options)
    : trials_(trials),
      suite_(suite),
      options_(options),
      state_(suite.project),
      queue_(trials, options.cover) {
    suite_.rig = own_copy(suite.rig, folder_ / "program");
    suite_.seed = options.seed;
    options_.own = options.own || options.cover;
    if (options_.jobs == 0) options_.jobs = processors();
    DefectResults known;
    if (!options_.fresh && options_.filter.empty()) known = read_defect_results(options_.results);
    for (const auto& [key, result] : known)
        if (result.verdict == Verdict::caught) noticed_in_[result.defect] = result.scripts;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
        const Trial& trial = trials_[i];
        const auto found = known.find({trial.profile, trial.defect.name});
        const bool current = found != known.end() && found->second.verdict != Verdict::not_tried &&
                             changed_since(found->second, trial.defect, trial.fixture, state_).empty();
        if (current)
            take(i, found->second, true);
        else
            open_.push_back(i);
    }
}

void Campaign::require_sound_firmware_to_pass() {
    if (open_.empty()) return;
    first_ = std::make_unique<ScratchFirmware>(suite_.project, folder_ / "0", options_.jobs);
    std::map<std::pair<std::string, std::string>, std::set<std::string>> wanted;  // IDs, by bench
    for (const std::size_t i : open_)
        wanted[{trials_[i].profile, trials_[i].fixture}].insert(trials_[i].breaks.begin(),
                                                                trials_[i].breaks.end());
    Suite whole = suite_;
    whole.jobs = processors();
    for (const auto& [bench, ids] : wanted) {
        const auto& [profile, fixture] = bench;
        first_->build(profile);
        sound_[profile] = first_->contents(profile);
        Selected selected{{}, options_.filter, false};
        if (options_.own) selected.ids.assign(ids.begin(), ids.end());
        const SuiteOutcome outcome =
            whole.run(suite_.project / fixture, first_->images(profile), folder_ / "sound", selected);
        if (outcome.failed_tests.empty() && outcome.errors == 0) continue;
        throw DefectError(fmt::format(
            "{}: without any defect {} tests fail and {} have no verdict{}", fixture,
            outcome.failed_tests.size(), outcome.errors,
            outcome.failed.empty()
                ? ""
                : fmt::format(", first {} \"{}\"", outcome.failed[0].script_line, outcome.failed[0].name)));
    }
}

std::vector<Finding> Campaign::run() {
    const int workers = std::min(options_.jobs, static_cast<int>(open_.size()));
    suite_.jobs = std::max(1, options_.jobs / std::max(1, workers));
    std::vector<std::thread> threads;
    for (int worker = 0; worker < workers; ++worker) {
        threads.emplace_back([this, worker] {
            const fs::path folder = folder_ / fmt::format("{}", worker);
            if (worker == 0) return work(*first_, folder);
            ScratchFirmware firmware(suite_.project, folder, 1);
            work(firmware, folder);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    if (stopped) throw DefectError("stopped; what was found is kept");
    std::vector<Finding> findings;
    for (auto& [number, finding] : findings_)
        findings.push_back(finding);
    return findings;
}

void Campaign::work(ScratchFirmware& firmware, const fs::path& folder) {
    while (const auto next = queue_.next()) {
        if (stopped) return queue_.done(*next, {});
        const Trial& trial = trials_[*next];
        DefectResult result = run_trial(trial, firmware, sound_.at(trial.profile), suite_, extent_of(trial),
                                        options_.filter, folder / "results");
        if (stopped) return queue_.done(*next, {});
        sign(result, trial.defect, trial.fixture, state_);
        take(*next, result, false);
    }
}

Extent Campaign::extent_of(const Trial& trial) {
    if (!options_.own) return {};
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto noticed = noticed_in_.find(trial.defect.name);
    return {true, noticed == noticed_in_.end() ? std::vector<std::string>{} : noticed->second};
}

void Campaign::take(std::size_t trial, const DefectResult& result, bool kept) {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        Finding& finding = findings_[trial] = {trials_[trial], result, kept};
        if (result.verdict == Verdict::caught) noticed_in_[result.defect] = result.scripts;
        if (!kept && options_.filter.empty()) add_defect_result(options_.results, result);
        if (!kept || result.verdict != Verdict::absent) print_finding(std::cout, finding);
    }
    queue_.done(trial, result);
}

}  // namespace rig::defects
