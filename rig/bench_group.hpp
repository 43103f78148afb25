// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "rig/bench_process.hpp"
#include "rig/messages.hpp"
#include "rig/runner.hpp"

namespace rig {

/// The tests that want the same pack, and the process of its bench.
struct BenchGroup {
    PackWanted pack;
    std::vector<std::size_t> scripts;  ///< the plan's numbers of those it needs
    std::deque<std::size_t> pending;   ///< in RunPlan::tests
    enum class State { waiting, booting, serving, gone } state = State::waiting;
    std::unique_ptr<BenchProcess> process;
    reports::SignalLayout layout;  ///< of what it records

    /// Its process is there, and has something to say.
    bool alive() const { return state == State::booting || state == State::serving; }

    /// Adds those of a message to its layout.
    void add_signals(Received& message);

    /// Takes a test, by the process' numbers of its script and it, from the pending ones; null: nobody wants
    /// it.
    const PlannedTest* drop(const std::vector<PlannedTest>& tests, std::size_t script, std::size_t test);
};

/// One for each pack that is wanted, but for tests that cannot run.
std::vector<BenchGroup> grouped(const std::vector<PlannedTest>& tests);

/// Of a message about a bench that has opened.
std::vector<reports::InstrumentRecord> instruments_in(Received& message);

}  // namespace rig
