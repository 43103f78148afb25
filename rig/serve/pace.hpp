// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "fixtures/virtual/virtual_clock.hpp"
#include "instruments/links/wall_clock.hpp"

namespace rig {

/// How late things were done, in real time: a count for each tenth of a millisecond.
class Lags {
public:
    void add(Nanoseconds lag);
    std::uint64_t count() const { return count_; }
    /// The lag that `share` of all do not exceed; to a tenth of a millisecond, and from a second on, a
    /// second.
    Nanoseconds quantile(double share) const;
    Nanoseconds most() const { return most_; }

private:
    static constexpr Nanoseconds step{100'000};

    std::array<std::uint64_t, 10'001> counts_{};  ///< the last: a second and more
    std::uint64_t count_ = 0;
    Nanoseconds most_{};
};

/// Runs a simulation along a wall clock: what is due in it is done when it is due, or as soon as the machine
/// manages. Who touches the simulation from outside catches up first.
class Pace {
public:
    /// `speed` as the wall clock's.
    Pace(WallClock& wall, VirtualClock& simulation, double speed);

    /// Runs the simulation to the present, or as far towards it as one go may take it; from inside run, too.
    void catch_up();

    /// Runs until `ended` holds. Calls `each_second` of real time, as good as it can.
    void run(const std::function<bool()>& ended, const std::function<void()>& each_second);

    /// Of all that was due so far.
    const Lags& lags() const { return lags_; }
    /// The most since this was last asked.
    Nanoseconds most_lately();

private:
    Nanoseconds present() const { return wall_.now() + ahead_; }
    Nanoseconds due() const;
    void note(Nanoseconds was_due);

    WallClock& wall_;
    VirtualClock& simulation_;
    double speed_;
    Nanoseconds ahead_;  ///< of the wall clock
    bool touched_ = false;
    Lags lags_;
    Nanoseconds lately_{};
};

}  // namespace rig
