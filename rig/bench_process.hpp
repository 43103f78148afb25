// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/bench.hpp"
#include "rig/lua/script.hpp"
#include "rig/messages.hpp"

namespace rig {

/// A booted bench, and what its boards did wrong when booting (empty: nothing).
struct BootedBench {
    std::unique_ptr<Bench> bench;
    std::string boot_fault;
};

/// What a test wants of the pack. Only a virtual bench has a choice.
struct PackWanted {
    int cells = 4;
    bool uncalibrated = false;  ///< boards as they are before the end of the line

    bool operator==(const PackWanted&) const = default;
};

/// Opens and boots a bench with such a pack; throws when the bench is at fault.
using OpenBench = std::function<BootedBench(const PackWanted&)>;

/// Opens such a bench and leaves it off; throws when it is at fault.
using LookAtBench = std::function<std::unique_ptr<Bench>(const PackWanted&)>;

/// What a bench's process needs to know.
struct BenchWork {
    OpenBench open;
    LookAtBench look;  ///< set for a real bench, whose links cannot cross a fork
    PackWanted pack;
    std::vector<ScriptFile> scripts;  ///< those that have tests for it
    Script::Limits limits;
    std::uint64_t seed = 1;
    bool records = true;  ///< signals
};

/// The process that holds one booted bench and forks itself for each test. Of a real bench it
/// holds nothing: it looks once whether it can be opened, and each test opens it and takes it up
/// anew, which cycles the boards' power. It and its tests know no database; they only talk on
/// lines. Ends when its line does.
class BenchProcess {
public:
    // From the runner to the bench; `run` with slot, script and test numbers.
    static constexpr char boot = 'b', run = 'r', stop = 's', at_once = 'x';
    // From the bench to the runner; `ended` with slot and wait status, `lacks` with script and test numbers
    // and what a real bench has not.
    static constexpr char booted = 'B', not_opened = 'F', signals = 'S', lacks = 'L', ended = 'E';
    // From a test, on its slot's line, to the runner, which answers each check; `over` with verdict, message,
    // bench time and the interlock that is open, if one is.
    static constexpr char began = 'n', check = 'c', event = 'v', block = 'r', over = 'o', stored = 'k';

    /// Forks. `slots` are the tests' ends of their lines; `not_ours` are closed in the child.
    BenchProcess(const BenchWork& work, const std::vector<Line>& slots,
                 const std::vector<const Line*>& not_ours);
    ~BenchProcess();
    BenchProcess(const BenchProcess&) = delete;
    BenchProcess& operator=(const BenchProcess&) = delete;

    const Line& line() const { return line_; }

    /// Tests that are running end themselves safely; a boot breaks off.
    void ask_to_stop();

    /// Tests that are running are ended where they are, and switched off by the real bench's guard.
    void end_at_once();

    void kill();

    /// Closes the line and waits for the end; the wait status.
    int join();

private:
    pid_t process_ = -1;
    Line line_;
};

}  // namespace rig
