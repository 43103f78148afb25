// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/register_link.hpp"

namespace rig {

/// An instrument's end of a Modbus RTU line: frames end with silence; what is damaged or meant for
/// another unit is passed over, what is refused is answered with why. Functions 3, 6 and 16.
class ModbusServer {
public:
    ModbusServer(Clock& clock, std::unique_ptr<ByteLink> link, RegisterSpace& space, int unit = 1);
    ~ModbusServer();

private:
    void act(const std::string& frame);
    std::string answer(int function, const std::string& frame);

    Clock& clock_;
    std::unique_ptr<ByteLink> link_;
    RegisterSpace& space_;
    int unit_;
    std::string unfinished_;
    int pieces_ = 0;  ///< what comes on top of one belongs to the same frame
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace rig
