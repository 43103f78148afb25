// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace rig::fuzz {

/// One entry into the firmware for whatever bytes a fuzzer thinks of; throws when something does not
/// hold that must.
void chain(const std::uint8_t* bytes, std::size_t size);     ///< what a hop receives, and the pack behind it
void app_link(const std::uint8_t* bytes, std::size_t size);  ///< what the last board's radio receives
void eeprom(const std::uint8_t* bytes, std::size_t size);    ///< what a board finds in its EEPROM

}  // namespace rig::fuzz
