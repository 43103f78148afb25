// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "instruments/clock.hpp"

namespace rig {

/// Bench time without a bench: nothing but the events that were asked for.
class TestClock : public Clock {
public:
    Nanoseconds now() const override { return now_; }

    void at(Nanoseconds when, Action action) override {
        events_.emplace(std::max(when, now_), std::move(action));
    }

    bool run_until(const std::function<bool()>& ready, Nanoseconds deadline) override {
        for (;;) {
            if (ready()) return true;
            if (events_.empty() || events_.begin()->first > deadline) break;
            auto event = events_.extract(events_.begin());
            now_ = event.key();
            event.mapped()();
        }
        now_ = std::max(now_, deadline);
        return false;
    }

private:
    Nanoseconds now_{};
    std::multimap<Nanoseconds, Action> events_;  ///< equal times stay in the order they came
};

constexpr Nanoseconds operator""_ms(unsigned long long count) {
    return Nanoseconds{static_cast<std::int64_t>(count) * 1'000'000};
}

}  // namespace rig
