// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rig/trace/defect_results.hpp"
#include "rig/trace/trial.hpp"

namespace rig::defects {

/// Hands out trials to several workers: all of them, or only as many as it takes to see each
/// requirement turn red on each profile.
class TrialQueue {
public:
    TrialQueue(const std::vector<Trial>& trials, bool cover) : trials_(trials), cover_(cover) {}

    /// The number of the next trial; waits while one that is under way may yet make the rest
    /// needless. nullopt: there is none left.
    std::optional<std::size_t> next();

    void done(std::size_t trial, const DefectResult& result);

private:
    struct Need {
        std::string profile, id;
        bool operator<(const Need& other) const {
            return std::tie(profile, id) < std::tie(other.profile, other.id);
        }
    };

    std::optional<std::size_t> best() const;
    std::size_t worth(std::size_t trial) const;

    const std::vector<Trial>& trials_;
    bool cover_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::size_t> handed_out_, under_way_;
    std::set<Need> met_, being_tried_;
};

}  // namespace rig::defects
