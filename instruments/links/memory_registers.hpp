// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/clock.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/register_link.hpp"

namespace rig {

/// A Modbus line in memory: each request takes the time that its bytes, the silence between
/// frames and the instrument need. `space` is the instrument's end; when it is gone, requests stay
/// unanswered. `name` is what messages call the link.
std::unique_ptr<RegisterLink> memory_registers(Clock& clock, const Wire& wire,
                                               std::weak_ptr<RegisterSpace> space, const std::string& name);

}  // namespace rig
