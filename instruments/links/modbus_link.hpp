// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "instruments/links/link_address.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/wall_clock.hpp"
#include "instruments/register_link.hpp"

namespace rig {

/// Registers over Modbus RTU, on a serial port or a pseudo-terminal; libmodbus blocks, so it
/// does so on a thread of its own. Takes the device for this program alone; one that went away is
/// opened again by the next request; `opened` hears of it on the worker's thread. Throws LinkError.
std::unique_ptr<RegisterLink> open_registers(
    WallClock& clock, const LinkAddress& address,
    std::chrono::milliseconds answer_within = std::chrono::milliseconds(500), const Opened& opened = {});

}  // namespace rig
