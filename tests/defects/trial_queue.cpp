// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/trial_queue.hpp"

#include <algorithm>

namespace rig::defects {

std::optional<std::size_t> TrialQueue::next() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        const auto found = best();
        if (found) {
            handed_out_.insert(*found);
            under_way_.insert(*found);
            for (const std::string& id : trials_[*found].breaks)
                being_tried_.insert({trials_[*found].profile, id});
            return found;
        }
        if (under_way_.empty() || !cover_) return std::nullopt;
        changed_.wait(lock);
    }
}

void TrialQueue::done(std::size_t trial, const DefectResult& result) {
    const std::lock_guard<std::mutex> lock(mutex_);
    handed_out_.insert(trial);
    under_way_.erase(trial);
    for (const auto& [id, check] : result.red)
        met_.insert({trials_[trial].profile, id});
    being_tried_.clear();
    for (const std::size_t other : under_way_)
        for (const std::string& id : trials_[other].breaks)
            being_tried_.insert({trials_[other].profile, id});
    changed_.notify_all();
}

std::optional<std::size_t> TrialQueue::best() const {
    std::optional<std::size_t> best;
    std::size_t most = 0;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
        if (handed_out_.count(i) != 0) continue;
        if (!cover_) return i;
        if (const std::size_t here = worth(i); here > most) {
            most = here;
            best = i;
        }
    }
    return best;
}

/// How many requirements it may show that nothing else shows or is trying to.
std::size_t TrialQueue::worth(std::size_t trial) const {
    const auto& [defect, profile, fixture, breaks] = trials_[trial];
    return static_cast<std::size_t>(std::count_if(breaks.begin(), breaks.end(), [&](const std::string& id) {
        return met_.count({profile, id}) == 0 && being_tried_.count({profile, id}) == 0;
    }));
}

}  // namespace rig::defects
