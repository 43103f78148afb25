// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rig/open_bench.hpp"

namespace rig {

/// Simulated boards, and simulated instruments on their terminals behind the drivers and
/// links that a real bench has. Throws as open_bench does.
std::unique_ptr<Bench> open_virtual_bench(const Fixture& fixture, const ProjectFolder& project,
                                          std::uint64_t seed, NotOpened* not_opened = nullptr);

}  // namespace rig
