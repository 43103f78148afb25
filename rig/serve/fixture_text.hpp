// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "fixtures/fixture.hpp"

namespace rig {

/// A real bench's fixture as a file says it behind `schema = 1`: loaded again, it is the same.
std::string fixture_text(const Fixture& fixture);

}  // namespace rig
