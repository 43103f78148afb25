// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "instruments/clock.hpp"
#include "instruments/off_sequence.hpp"

namespace rig {

/// What a guard needs to know of the rig around it.
struct GuardSetup {
    std::filesystem::path folder = "results";  ///< where it writes down what it did
    int pulse = -1;  ///< a pipe into which the rig's own process writes, to be watched as well
};

/// The rig's end of the line to a guard (rig/guard/) of its own, which it starts: a program that outlives
/// this process and then switches off what it was handed.
class GuardLine {
public:
    /// Returns once the guard watches. Throws InstrumentError when it cannot be started.
    GuardLine(const GuardSetup& setup, const std::filesystem::path& fixture);
    /// Returns once the guard has ended: whoever did not say `all_off` before leaves that to it.
    ~GuardLine();
    GuardLine(const GuardLine&) = delete;
    GuardLine& operator=(const GuardLine&) = delete;

    /// A descriptor that keeps other rigs off: the guard holds it too.
    void hold(int lock);

    /// `instrument` is reached over `descriptor` from now on. May be called from a link's own thread.
    void opened(const std::string& instrument, const std::string& link, int descriptor);

    /// How it is switched off; lower turns first.
    void guard(const std::string& instrument, int turn, const OffSequence& sequence);

    /// From now on the guard minds: this process shows that it lives whenever `clock` runs. Once the guard is
    /// gone, running the clock throws InstrumentError until all is off. `second`: of the clock.
    void watch(Clock& clock, Nanoseconds second);

    /// What follows goes on without a guard too.
    void switching_off();

    /// All is confirmed off; running the clock takes that back.
    void all_off();

    /// The bench is closed from now on. What was confirmed off stays so, though closing still runs the clock.
    void closing();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// For whoever computes without running the clock: shows the guard, if there is one, that this thread lives.
void show_life();

}  // namespace rig
