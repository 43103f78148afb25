// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace rig {

/// How bytes travel to one instrument or one serial line and back. Sending
/// never waits; bytes arrive from inside Clock::run_until, at the time the wire
/// needs. In memory, on a serial port or over TCP: nobody above can tell.
class ByteLink {
public:
    using Receiver = std::function<void(std::string_view bytes)>;

    virtual ~ByteLink() = default;

    virtual void send(std::string_view bytes) = 0;

    /// Who gets what arrives. One receiver; a new one replaces the old.
    virtual void on_receive(Receiver receiver) = 0;

    /// For messages: "memory:cell-supply", "serial:/dev/ttyUSB0".
    virtual std::string name() const = 0;
};

}  // namespace rig
