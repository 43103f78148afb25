// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "fixtures/bench.hpp"
#include "fixtures/fixture.hpp"
#include "rig/guard_line.hpp"
#include "rig/project_folder.hpp"
#include "rig/rack.hpp"

namespace rig {

/// Builds the bench that the fixture describes: links, drivers, the envelope
/// round them, and on a virtual bench the boards and the instruments' twins.
/// Everything is off when it returns, and a real bench has its guard, which `guard` tells what it
/// needs. Throws FixtureError or InstrumentError; with `not_opened`, what an instrument or a line did
/// not do goes there instead, and it is absent.
std::unique_ptr<Bench> open_bench(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed,
                                  NotOpened* not_opened = nullptr, const GuardSetup& guard = {});

}  // namespace rig
