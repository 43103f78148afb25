// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "reports/results.hpp"

/// How reports put results into words: the same in every report.
namespace rig::reports {

/// Six significant digits, no trailing zeros: "3.652", "1e-07", "120000".
std::string number_text(double value);

/// "3.652 V"; "3.652" without a unit. More digits than usual where six would
/// hide that the value lies outside the check's limits. "" for a claim.
std::string value_text(const CheckRecord& check);

/// "3.58 V to 3.62 V", "at least 3.58 V", "at most 3.62 V", "exactly 31", "any value".
/// "" for a claim.
std::string limits_text(const CheckRecord& check);

/// "0.042 V too high", "0.1 V too low"; "" inside the limits and for a claim.
std::string outside_text(const CheckRecord& check);

/// One line, for a check that failed: name, value, how far outside, limits,
/// what was expected.
std::string failure_text(const CheckRecord& check);

/// What a test's message says that its failed checks do not say themselves: all
/// of it in an error; else without those lines, and the indented ones under them.
std::string own_message(const TestRecord& test);

/// "3 tests: 1 passed, 2 failed".
std::string tally_text(const Tally& tally);

/// One line that says why a test did not pass.
std::string headline(const TestRecord& test);

/// Line breaks and other control characters become spaces: fit for one line of
/// a terminal, whatever a script calls its tests.
std::string one_line(std::string text);

/// Bench time for people: "0.35 s", "12.3 s", "4 min 05 s", "3 h 12 min".
std::string duration_text(std::int64_t ns);

}  // namespace rig::reports
