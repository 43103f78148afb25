// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/pace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rig {

namespace {

/// The longest that a simulation which is late goes on before anybody outside is heard.
constexpr Nanoseconds in_one_go{100'000'000};

}  // namespace

void Lags::add(Nanoseconds lag) {
    lag = std::max(lag, Nanoseconds{0});
    ++counts_[std::min(static_cast<std::size_t>(lag / step), counts_.size() - 1)];
    ++count_;
    most_ = std::max(most_, lag);
}

Nanoseconds Lags::quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        below += counts_[i];
        if (below >= wanted) return std::min(step * static_cast<std::int64_t>(i + 1), most_);
    }
    return most_;
}

Pace::Pace(WallClock& wall, VirtualClock& simulation, double speed)
    : wall_(wall), simulation_(simulation), speed_(speed), ahead_(simulation.now() - wall.now()) {
}

void Pace::catch_up() {
    const auto until = std::min(present(), simulation_.now() + in_one_go);
    simulation_.run_until([] { return false; }, until);
    touched_ = true;
}

Nanoseconds Pace::due() const {
    // What boards do is known once they have run.
    return std::min(simulation_.next_event(), simulation_.now() + simulation_.grid());
}

void Pace::note(Nanoseconds was_due) {
    const auto late = static_cast<double>((present() - was_due).count()) / speed_;
    const Nanoseconds lag{static_cast<std::int64_t>(late)};
    lags_.add(lag);
    lately_ = std::max(lately_, lag);
}

Nanoseconds Pace::most_lately() {
    return std::exchange(lately_, Nanoseconds{0});
}

void Pace::run(const std::function<bool()>& ended, const std::function<void()>& each_second) {
    const auto second = Nanoseconds{static_cast<std::int64_t>(1e9 * speed_)};
    auto next_second = present() + second;
    while (!ended()) {
        const auto was_due = due();
        touched_ = false;
        wall_.run_until([&] { return touched_ || ended(); }, was_due - ahead_);
        if (present() >= was_due) {
            catch_up();
            note(was_due);
        }
        if (present() < next_second) continue;
        next_second = present() + second;
        each_second();
    }
}

}  // namespace rig
