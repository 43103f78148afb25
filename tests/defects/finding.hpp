// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <set>
#include <string>
#include <vector>

#include "tests/defects/defect_list.hpp"
#include "tests/defects/suite.hpp"

namespace rig::defects {

enum class Verdict {
    caught,     ///< by a check of a requirement that the defect breaks
    elsewhere,  ///< only by checks of other requirements
    survived,   ///< by none
    not_tried,  ///< it does not apply, or does not build
};

/// What became of one defect.
struct Finding {
    Defect defect;
    SuiteOutcome outcome;
    std::string trouble;  ///< why it could not be tried; empty else

    Verdict verdict() const;

    /// The requirements that failed checks cite.
    std::set<std::string> cited() const;

    /// The first failed check, before others one of a broken requirement; null: none failed.
    const FailedCheck* first() const;
};

/// One line for a person.
void print_finding(std::ostream& out, const Finding& finding);

/// Totals, and what to do about what was not caught. The exit code: 0 all caught, 1 not all
/// caught or a requirement that no check turned red for, 2 not all tried.
int print_summary(std::ostream& out, const std::vector<Finding>& findings);

/// A table in the order of the findings, for spreadsheets and for comparing two runs.
void write_csv(std::ostream& out, const std::vector<Finding>& findings);

}  // namespace rig::defects
