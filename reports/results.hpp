// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/requirements.hpp"
#include "reports/store.hpp"

namespace rig::reports {

/// How many tests ended how, and in which bench time.
struct Tally {
    int tests = 0, passed = 0, failed = 0, errors = 0, skipped = 0;
    std::size_t checks = 0;
    std::int64_t ns = 0;

    void add(const TestRecord& test);
};

/// One run, read whole: what every report tells, each in its own form.
struct Results {
    int number = 0;
    RunRecord run;
    std::vector<TestRecord> tests;  ///< as Store::tests has them
    Tally tally;
    Requirements requirements;
    bool several_duts = false;

    /// Error outranks failure; a run that was killed is an error. Skipped: nothing ran.
    Verdict verdict() const;

    /// The test's name; says which board where the run tested several, and which attempt after the first.
    std::string name_of(const TestRecord& test) const;
};

Results results_of(const Store& store, int run);

}  // namespace rig::reports
