// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rig/planning.hpp"

namespace rig {

/// `rig list`: file, name, tags and IDs of the tests that would run; the exit code.
int list_command(const ScriptOptions& options);

}  // namespace rig
