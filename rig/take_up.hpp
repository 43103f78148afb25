// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "fixtures/bench.hpp"
#include "fixtures/fixture.hpp"

namespace rig {

/// From everything off (on a real bench for long enough that the boards start anew) to the state that every
/// test starts from: cells at the nominal voltage, switches and what they program as the fixture says,
/// injectors at 0 A, boards booted, both relays allowed. Empty when they are; else what the boards did
/// instead, which is the firmware's fault. Throws FixtureError where the switches have no such setting.
std::string take_up(Bench& bench, const Fixture& fixture);

/// The way to that state as far as the rig alone can go: lines at rest, cells on at the nominal voltage,
/// injectors at 0 A, boards programmed by their switches. From everything off. Leaves it half done when it
/// throws.
void power_up(Bench& bench, const Fixture& fixture);

/// Injectors, temperatures and cells off, highest cell first. Tries them all,
/// then throws InstrumentError naming what could not be confirmed off.
void take_down(Bench& bench);

}  // namespace rig
