// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <optional>

#include "instruments/clock.hpp"
#include "instruments/event_queue.hpp"

namespace rig {

/// Bench time of the real world: CLOCK_MONOTONIC since the clock was made. What links
/// wait for happens in `context()`, whose handlers run inside run_until and nowhere else. What
/// `ready` looks at may as well be a signal handler's doing: it is asked ten times a second.
class WallClock : public Clock {
public:
    /// `speed`: bench seconds to a second, for a peer whose own time is scaled alike.
    explicit WallClock(double speed = 1.0);

    Nanoseconds now() const override;
    void at(Nanoseconds when, Action action) override;
    bool run_until(const std::function<bool()>& ready, Nanoseconds deadline) override;

    /// What CLOCK_MONOTONIC showed as something happened, in bench time.
    Nanoseconds at_monotonic(std::chrono::nanoseconds stamp) const {
        return scaled(stamp - opened_.time_since_epoch());
    }

    asio::io_context& context() { return context_; }

    /// How often run_until came round: a script that never waits leaves it as it is.
    std::uint64_t rounds() const { return rounds_; }

private:
    using Steady = std::chrono::steady_clock;

    Nanoseconds scaled(Nanoseconds real) const;
    Steady::time_point nap_until(Nanoseconds bench_time) const;
    void wake_at(Nanoseconds when);

    double speed_;
    Steady::time_point opened_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> never_out_of_work_;
    asio::steady_timer alarm_;
    std::optional<Steady::time_point> alarm_at_;
    std::uint64_t rounds_ = 0;
    EventQueue events_;
};

}  // namespace rig
