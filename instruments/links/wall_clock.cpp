// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/wall_clock.hpp"

#include <algorithm>
#include <utility>

namespace rig {
namespace {

/// The longest that nobody looks whether a signal came.
constexpr std::chrono::nanoseconds longest_nap = std::chrono::milliseconds(100);

/// How much later than wanted a wake-up may come, which no operating system keeps to anyway.
constexpr std::chrono::nanoseconds as_good_as = std::chrono::microseconds(20);

constexpr int most_after_deadline = 100;

}  // namespace

WallClock::WallClock(double speed)
    : speed_(speed), opened_(Steady::now()), never_out_of_work_(context_.get_executor()), alarm_(context_) {
}

Nanoseconds WallClock::now() const {
    return scaled(Steady::now() - opened_);
}

Nanoseconds WallClock::scaled(Nanoseconds real) const {
    if (speed_ == 1.0) return real;
    return Nanoseconds{static_cast<std::int64_t>(static_cast<double>(real.count()) * speed_)};
}

WallClock::Steady::time_point WallClock::nap_until(Nanoseconds bench_time) const {
    const auto left = (static_cast<double>(bench_time.count()) - static_cast<double>(now().count())) / speed_;
    const auto most = static_cast<double>(longest_nap.count());
    return Steady::now() + Nanoseconds{static_cast<std::int64_t>(std::clamp(left, 0.0, most))};
}

void WallClock::at(Nanoseconds when, Action action) {
    events_.add(when, std::move(action));
}

bool WallClock::run_until(const std::function<bool()>& ready, Nanoseconds deadline) {
    if (ready()) return true;
    for (int after_deadline = 0;;) {
        ++rounds_;
        const auto time = now();
        if (events_.next() <= std::min(time, deadline)) {
            events_.take()();
        } else if (time >= deadline) {
            // What had arrived by then counts, but a peer that never stops talking does not.
            if (context_.poll_one() == 0 || ++after_deadline > most_after_deadline) return ready();
        } else if (context_.poll_one() == 0) {
            wake_at(std::min(deadline, events_.next()));
            context_.run_one();
        }
        if (ready()) return true;
    }
}

void WallClock::wake_at(Nanoseconds when) {
    const auto wanted = nap_until(when);
    // Setting it anew calls back for what it was set to before: done each time, nobody would ever sleep.
    if (alarm_at_ && *alarm_at_ <= wanted + as_good_as) return;
    alarm_at_ = wanted;
    alarm_.expires_at(wanted);
    alarm_.async_wait([this](const asio::error_code& error) {
        if (!error) alarm_at_.reset();
    });
}

}  // namespace rig
