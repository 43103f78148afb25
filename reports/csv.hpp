// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "reports/results.hpp"

namespace rig::reports {

/// One run as a table for spreadsheets and scripts (RFC 4180): a line for each
/// check, and for each test without one. Numbers with all their digits.
std::string csv_text(const Results& results);

/// A field in quotes, as RFC 4180 has them.
std::string csv_quoted(const std::string& text);

/// A field as RFC 4180 has it: quoted where it must be.
std::string csv_field(const std::string& text);

}  // namespace rig::reports
