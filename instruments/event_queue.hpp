// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "instruments/clock.hpp"

namespace rig {

/// What a clock is to do later: in the order of time, and at one time in the order it was given.
class EventQueue {
public:
    void add(Nanoseconds at, Clock::Action action) { events_.push({at, given_++, std::move(action)}); }

    /// When the next one is due; max() when there is none.
    Nanoseconds next() const { return events_.empty() ? Nanoseconds::max() : events_.top().at; }

    /// The next one, which there must be, to be called by whoever took it: it may add others.
    Clock::Action take() {
        // top() is const because order hangs on it; the action does not.
        Clock::Action action = std::move(const_cast<Event&>(events_.top()).action);
        events_.pop();
        return action;
    }

private:
    struct Event {
        Nanoseconds at;
        std::uint64_t order;
        Clock::Action action;
    };
    struct Later {
        bool operator()(const Event& a, const Event& b) const {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };

    std::uint64_t given_ = 0;
    std::priority_queue<Event, std::vector<Event>, Later> events_;
};

}  // namespace rig
