// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/results.hpp"

#include <set>

namespace rig::reports {

void Tally::add(const TestRecord& test) {
    ++tests;
    passed += test.verdict == Verdict::passed;
    failed += test.verdict == Verdict::failed;
    errors += test.verdict == Verdict::error;
    skipped += test.verdict == Verdict::skipped;
    checks += test.checks.size();
    ns += test.ended_ns - test.began_ns;
}

Verdict Results::verdict() const {
    if (tally.errors > 0 || run.ending == RunEnd::killed) return Verdict::error;
    if (tally.failed > 0) return Verdict::failed;
    return tally.passed > 0 ? Verdict::passed : Verdict::skipped;
}

std::string Results::name_of(const TestRecord& test) const {
    return test.key.name + (several_duts ? " [" + test.key.dut + "]" : "") +
           (test.key.attempt > 1 ? " (attempt " + std::to_string(test.key.attempt) + ")" : "");
}

Results results_of(const Store& store, int run) {
    Results results;
    results.number = run;
    results.run = store.run(run);
    results.tests = store.tests(run);
    results.requirements = requirements_of(results.tests);
    std::set<std::string> duts;
    for (auto& test : results.tests) {
        if (!test.ended && results.run.ending == RunEnd::running) test.message = "it is still running";
        results.tally.add(test);
        duts.insert(test.key.dut);
    }
    results.several_duts = duts.size() > 1;
    return results;
}

}  // namespace rig::reports
