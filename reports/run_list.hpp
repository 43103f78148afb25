// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>

#include "reports/results.hpp"

namespace rig::reports {

/// A line for each run that the store holds, the latest last.
void print_run_list(std::ostream& out, const Store& store);

/// What run this is, by whom, with what: the lines above a summary.
void print_run_heading(std::ostream& out, const Results& results);

}  // namespace rig::reports
