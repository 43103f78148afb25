// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/cell_supply.hpp"

/// What every supply's driver looks at after it has told a channel something, and how it says what it saw.
namespace rig {

constexpr Volts settled{0.03};     ///< what a bench supply's readback may be off by
constexpr Volts discharged{0.30};  ///< nothing runs on it any more

/// Waits until the channel measures at most `level`: nullopt then, else where it still stands after `within`.
/// `pause` is bench time between two looks; zero where a look takes its own time on the line.
std::optional<Volts> still_above(Volts level, CellSupply& channel, Clock& clock, Nanoseconds within,
                                 Nanoseconds pause);

/// Of a channel that `still_above` has found so after it was set to `target`.
std::string not_fallen(Volts target, Volts stands, const std::string& link);

/// Of a channel that raises alarms while it should deliver.
std::string raises(const std::vector<std::string>& alarms, const std::string& link);

}  // namespace rig
