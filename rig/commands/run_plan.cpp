// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/run_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "rig/open_bench.hpp"
#include "rig/take_up.hpp"

namespace rig {

RunPlan plan_of(const RunOptions& options, const Planned& planned) {
    RunPlan plan;
    plan.dut = planned.fixture.dut;
    plan.limits = planned.limits;
    plan.seed = options.seed;
    plan.fail_fast = options.fail_fast;
    plan.records = options.records;
    plan.jobs =
        options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const bool real = planned.fixture.bench == "real";
    GuardSetup guard;
    if (real) {
        plan.pulse = std::make_shared<const Pulse>();
        guard.pulse = plan.pulse->far_end();
        guard.folder = std::filesystem::absolute(options.store).parent_path();
        plan.guard_record = GuardRecord(guard.folder, planned.fixture.file);
    }
    plan.open = [fixture = planned.fixture, project = planned.project, seed = options.seed,
                 guard](const PackWanted& wanted) {
        Fixture resized = fixture;
        resized.pack.cells = wanted.cells;
        if (wanted.uncalibrated) resized.virtual_bench.tolerances = VirtualBenchSetup::before_calibration();
        BootedBench booted;
        booted.bench = open_bench(resized, project, seed, nullptr, guard);
        booted.boot_fault = take_up(*booted.bench, resized);
        return booted;
    };
    if (real) {
        plan.jobs = 1;  // there is one
        plan.look = [fixture = planned.fixture, project = planned.project, guard](const PackWanted&) {
            return open_bench(fixture, project, 0, nullptr, guard);
        };
    }
    for (const CollectedScript& script : planned.scripts) {
        plan.scripts.push_back(script.file);
        for (std::size_t i = 0; i < script.tests.size(); ++i) {
            const TestDeclaration& declared = script.tests[i];
            if (!options.scripts.selection.wants(declared)) continue;
            const int cells = declared.cells.value_or(planned.fixture.pack.cells);
            std::string skip;
            if (cells != planned.fixture.pack.cells && real) {
                skip = fmt::format("this bench has {} cells, the test wants {}", planned.fixture.pack.cells,
                                   cells);
            }
            plan.tests.push_back(
                {plan.scripts.size() - 1, i, declared, {cells, declared.uncalibrated && !real}, skip});
        }
    }
    return plan;
}

}  // namespace rig
