// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/register_link.hpp"

namespace rig {

/// An instrument's end of a Modbus RTU line: answers functions 3, 6 and 16 from `space`, as unit
/// `unit`. What is damaged or for others it passes over in silence, as the standard has it.
class ModbusServer {
public:
    ModbusServer(Clock& clock, std::unique_ptr<ByteLink> line, std::shared_ptr<RegisterSpace> space,
                 int unit);
    ~ModbusServer();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// The check of a Modbus RTU frame: its last two bytes, low byte first.
std::uint16_t modbus_crc(std::string_view frame);

}  // namespace rig
