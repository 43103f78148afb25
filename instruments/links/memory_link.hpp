// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"

namespace rig {

/// What a wire costs in time. Bytes queue behind each other; the two
/// directions do not disturb one another.
struct Wire {
    Nanoseconds byte_time{};  ///< start bit to stop bit, or a byte's share of a packet
    Nanoseconds latency{};    ///< from the last byte sent to the last byte there

    /// A serial line of eight data bits, no parity, one stop bit.
    static constexpr Wire serial(int baud) { return {Nanoseconds{10'000'000'000 / baud}, Nanoseconds{0}}; }

    /// A switched 100 Mbit/s network and the two ends' own stacks.
    static constexpr Wire lan() { return {Nanoseconds{80}, Nanoseconds{200'000}}; }
};

/// Two byte ends with a wire between them, in memory: what one sends, the other
/// receives from inside Clock::run_until once the wire's time has passed.
/// What is on its way to an end that is gone is lost.
struct MemoryLink {
    std::unique_ptr<ByteLink> near;  ///< the rig's, for a driver
    std::unique_ptr<ByteLink> far;   ///< the instrument's, for its twin
};

/// `name` is what messages call it: "memory:cells 1".
MemoryLink memory_link(Clock& clock, const Wire& wire, const std::string& name);

}  // namespace rig
