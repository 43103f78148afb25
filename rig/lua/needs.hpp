// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "fixtures/bench.hpp"

namespace rig::lua {

/// Could any bench have this? A misspelt need would skip its test for ever.
bool is_need(const std::string& need);

/// Does this bench have it? "sensor" is any sensor, "sensor[2]" that one.
bool meets(const Bench& bench, const std::string& need);

/// Why a test that needs these cannot run on it: "this bench has no probe". Empty: it can.
std::string lacking(const Bench& bench, const std::vector<std::string>& needs);

}  // namespace rig::lua
