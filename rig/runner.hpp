// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "reports/store.hpp"
#include "rig/bench_process.hpp"
#include "rig/guard_record.hpp"
#include "rig/lua/script.hpp"
#include "rig/pulse.hpp"

namespace rig {

/// One test that is to run, on such a pack.
struct PlannedTest {
    std::size_t script = 0;  ///< in RunPlan::scripts
    std::size_t test = 0;    ///< in that script
    TestDeclaration declared;
    PackWanted pack;
    std::string skip;  ///< why it cannot run here; empty when it can
};

struct RunPlan {
    std::string dut = "pack";
    std::vector<ScriptFile> scripts;
    std::vector<PlannedTest> tests;
    Script::Limits limits;
    OpenBench open;
    LookAtBench look;                    ///< set for a real bench: see BenchProcess
    std::shared_ptr<const Pulse> pulse;  ///< of a real bench: its guard's
    GuardRecord guard_record;            ///< of a real bench
    std::uint64_t seed = 1;
    int jobs = 1;
    bool records = true;     ///< signals
    bool fail_fast = false;  ///< no test begins once one has not passed
};

/// Hears how the run comes along.
class RunListener {
public:
    virtual ~RunListener() = default;
    virtual void test_ended(const reports::TestRecord& test, const std::string& printed) = 0;
    virtual void stopping() = 0;
    virtual void stopping_at_once() {}
    /// The store is locked, as `complaint` says: waiting for it, at most so long.
    virtual void store_waits(const std::string& complaint, int at_most_s) = 0;
    /// The store takes nothing any more: no test begins, those that run end safely.
    virtual void store_failed(const std::string& complaint) = 0;
};

struct RunTotals {
    int ran = 0, failed = 0, errors = 0;
    bool stopped = false;       ///< by the operator
    bool store_failed = false;  ///< it stopped taking results, which ended the run
    int checks_lost = 0;        ///< those that did not come into the store even at the end
    bool all_stored = true;     ///< nothing else was lost either
    std::int64_t bench_ns = 0;  ///< all benches' and tests' together
};

/// Runs a plan: one process for each pack size, which opens and boots its bench
/// once, and in it one fork for each test, so that each starts from the same
/// state whatever ran before. Only the runner's own process writes the store.
class Runner {
public:
    /// Forks the bench processes: before the store is opened, because no
    /// database connection may cross a fork.
    explicit Runner(RunPlan plan);
    ~Runner();

    RunTotals run(reports::Store& store, int run, RunListener& listener);

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace rig
