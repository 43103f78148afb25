// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "fixtures/bench.hpp"
#include "fixtures/fixture.hpp"

namespace rig {

/// Sets the first board's switches to the pack's cell count and balance
/// voltage. Throws FixtureError where the profile has no such setting.
void set_switches(Bench& bench, const Fixture& fixture);

/// From everything off to the state that every test starts from: cells at the
/// nominal voltage, injectors at 0 A, boards booted, both relays allowed. Empty
/// when they are; else what the boards did instead, which is the firmware's fault.
std::string take_up(Bench& bench, const Fixture& fixture);

/// Injectors, temperatures and cells off, highest cell first. Tries them all,
/// then throws InstrumentError naming what could not be confirmed off.
void take_down(Bench& bench);

}  // namespace rig
