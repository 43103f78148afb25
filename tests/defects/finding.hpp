// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <vector>

#include "tests/defects/trial.hpp"

namespace rig::defects {

/// What became of one defect on one profile.
struct Finding {
    Trial trial;
    DefectResult result;
    bool kept = false;  ///< from an earlier run, and nothing has changed since
};

/// A few lines for a person.
void print_finding(std::ostream& out, const Finding& finding);

/// Totals, and what to do about what was not caught. The exit code: 0 all caught, 1 not all
/// caught or a requirement that no check turned red for, 2 not all tried.
int print_summary(std::ostream& out, const std::vector<Finding>& findings);

/// A table in the order of the findings, for spreadsheets and for comparing two runs.
void write_csv(std::ostream& out, const std::vector<Finding>& findings);

}  // namespace rig::defects
