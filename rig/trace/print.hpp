// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>

#include "rig/trace/matrix.hpp"

namespace rig::trace {

/// A line for each requirement, then what is open; fits a terminal.
void print_matrix(std::ostream& out, const Matrix& matrix);

/// Everything about each requirement of the matrix.
void print_details(std::ostream& out, const Matrix& matrix);

/// A line for each proving check, each test that never ran and each defect; where a requirement has
/// none of these, one line all the same.
void write_csv(std::ostream& out, const Matrix& matrix);

void write_json(std::ostream& out, const Matrix& matrix);

}  // namespace rig::trace
