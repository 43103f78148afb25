// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "fixtures/fixture.hpp"
#include "rig/simulated_instruments.hpp"

namespace rig {

/// Gives each of the boards' digital lines that the fixture has on no wire a terminal of an I/O board, as
/// many boards as it takes: [io.served1] and so on.
void wire_to_spare_io_boards(Fixture& fixture, const PlantLines& lines);

}  // namespace rig
