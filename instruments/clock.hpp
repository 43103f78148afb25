// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace rig {

/// Bench time: nanoseconds since the bench opened.
using Nanoseconds = std::chrono::duration<std::int64_t, std::nano>;

/// What everything on a bench waits on. One thread owns a bench and its clock
/// is that thread's loop: nobody sleeps, and nobody reads another clock. The
/// virtual clock runs the simulation; the wall clock runs the operating system's.
class Clock {
public:
    using Action = std::function<void()>;

    virtual ~Clock() = default;

    virtual Nanoseconds now() const = 0;

    /// Runs `action` once, from inside run_until, at `when` (at once if that
    /// is past). Actions due at the same time run in the order they were given.
    virtual void at(Nanoseconds when, Action action) = 0;

    /// The only call that waits. Runs the clock until `ready` holds or
    /// `deadline` is reached; true if `ready` held. `ready` is asked before
    /// time moves and after anything happened; it must not wait itself.
    virtual bool run_until(const std::function<bool()>& ready, Nanoseconds deadline) = 0;

    /// Lets bench time pass.
    void run_for(Nanoseconds span) {
        run_until([] { return false; }, now() + span);
    }
};

}  // namespace rig
