// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/results.hpp"

namespace rig::reports {

/// strict: as Jenkins' plugin reads it (junit-10). Measurements and requirement
/// IDs are lines of a case's system-out, `[[PROPERTY|name=value]]`.
/// rich: as GitLab, GitHub actions and others read it. They are properties of
/// the case, which has a file, a line and attachments too; what the run was
/// made with are properties of each suite.
enum class JunitDialect { strict, rich };

/// Files that belong to a test, relative to the report.
using AttachmentsOf = std::function<std::vector<std::string>(const TestRecord&)>;

/// One run as JUnit XML: a suite per script, a case per test and attempt, times
/// in bench seconds. Class and name together are unique. The only time of day is
/// each suite's `timestamp`, when the run began.
std::string junit_text(const Results& results, JunitDialect dialect, const AttachmentsOf& attachments = {});

}  // namespace rig::reports
