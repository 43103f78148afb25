// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rig/bench_process.hpp"
#include "rig/recording/recording.hpp"

namespace rig {

/// What the bench's process does: loads the scripts, opens the bench, and forks itself for each test that it
/// is told to run.
class BenchLoop {
public:
    BenchLoop(const BenchWork& work, const Line& line, const std::vector<Line>& slots)
        : work_(work), line_(line), slots_(slots) {}

    /// Until the line ends.
    void run();

private:
    bool boot();
    bool look();
    void introduce(Bench& bench);
    void tell_what_is_lacking(const Bench& bench);
    void tell_signals(const reports::SignalLayout& layout);
    void serve();
    void tell_of_the_ended();
    void start(Received& order);
    [[noreturn]] void run_one(const Line& line, std::size_t script_number, std::size_t test);
    Ending ending_of(const Line& line, std::size_t script_number, std::size_t test);
    std::string switched_off();

    const BenchWork& work_;
    const Line& line_;
    const std::vector<Line>& slots_;
    std::vector<std::unique_ptr<Script>> scripts_;
    BootedBench bench_;
    std::optional<Recording> recording_;
    std::map<pid_t, int> running_;
};

}  // namespace rig
