// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rig/open_bench.hpp"

namespace rig {

/// Boards on the table, and instruments at the other end of the operating system's links. Its
/// clock is the wall's. Throws as open_bench does.
std::unique_ptr<Bench> open_real_bench(const Fixture& fixture, const ProjectFolder& project,
                                       NotOpened* not_opened, const GuardSetup& guard);

}  // namespace rig
