// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rig {

/// A Modbus RTU frame: unit, function, `body` as it is, and the CRC that makes it whole.
std::string modbus_frame(int unit, int function, std::string_view body);

/// 16 bits, high byte first, as they stand in a frame.
std::string modbus_word(std::uint16_t word);
std::uint16_t modbus_word_at(std::string_view frame, std::size_t at);

/// Whether `frame` ends in its own CRC.
bool modbus_whole(std::string_view frame);

}  // namespace rig
