// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include "fixtures/bench.hpp"
#include "fixtures/fixture.hpp"

namespace rig {

/// Of the first board's eight option switches, switch 1 first; true is on.
using SwitchPositions = std::array<bool, 8>;

/// How they stand in use: gen3's number of cells and balance voltage (DIP-08, DIP-09), gen2's
/// balance voltage with messages every 1.0 s, blind spot on, auto zero off, normal mode (DIP-01
/// to DIP-05). Throws FixtureError where the switches have no such setting.
SwitchPositions ordinary_positions(const Fixture& fixture);

/// DIP-06: how they stand while switch 8 programs a gen2 board's sensor type and number of cells.
/// nullopt for gen3, which has neither. Throws FixtureError for a sensor that does not exist.
std::optional<SwitchPositions> programming_positions(const Fixture& fixture);

/// What these positions make the boards balance at: 0 V for gen3's "no balancing".
Volts balance_voltage(const std::string& profile, const SwitchPositions& positions);

/// Sets those that the bench has wired.
void set_switches(Bench& bench, const SwitchPositions& positions);

}  // namespace rig
