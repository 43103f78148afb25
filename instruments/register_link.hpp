// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "instruments/clock.hpp"
#include "instruments/reply.hpp"

namespace rig {

/// What 16-bit registers hold, first address first.
using Registers = std::vector<std::uint16_t>;

/// A request that was not answered, or was refused: "holding register 18: no answer within
/// 500 ms". Whoever knows the instrument adds its name and what to try.
class RegisterError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How the holding registers of one instrument are reached: Modbus RTU on a serial port, or
/// in memory. Requests are carried out one after the other, in the order they were made; making
/// one never waits. `Reply::get` throws RegisterError; what nobody collects is carried out all the same.
class RegisterLink {
public:
    virtual ~RegisterLink() = default;

    /// Function 3; 1 to 125 registers.
    virtual Reply<Registers> read_holding(std::uint16_t first, int count) = 0;

    /// Function 6.
    virtual Reply<void> write_single(std::uint16_t address, std::uint16_t value) = 0;

    /// Function 16; 1 to 123 registers.
    virtual Reply<void> write_multiple(std::uint16_t first, const Registers& values) = 0;

    /// For messages: "memory:cell supply 1", "modbus:/dev/ttyUSB0".
    virtual std::string name() const = 0;

    /// The instrument's address on its line: who writes to it past this link needs it.
    virtual int unit() const = 0;

    /// What ends a frame on this line: nothing for 3.5 characters.
    virtual Nanoseconds frame_silence() const = 0;

    /// The operating system's, for whoever must write to the instrument when this program
    /// cannot; -1 where there is none.
    virtual int descriptor() const { return -1; }
};

/// The registers as the instrument has them: what a twin puts behind a link in memory, or
/// behind a Modbus server.
class RegisterSpace {
public:
    /// Why a request is refused, as Modbus numbers it.
    struct Refusal {
        int code;  ///< 1 illegal function, 2 illegal data address, 3 illegal data value, 4 device failure
    };

    virtual ~RegisterSpace() = default;

    /// Both throw Refusal, and then nothing is changed.
    virtual Registers read(std::uint16_t first, int count) = 0;
    virtual void write(std::uint16_t first, const Registers& values) = 0;
};

}  // namespace rig
