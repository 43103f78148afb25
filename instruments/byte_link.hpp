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

    /// What became of the link: "closed by the peer". Empty while it works; what is sent
    /// on a link that does not is lost.
    virtual std::string fault() const { return {}; }

    /// Tries to bring a link with a fault back to life; may run the clock for as long as
    /// opening it may take. Says whether it works again.
    virtual bool reopen() { return fault().empty(); }

    /// The operating system's, for whoever must write to the instrument when this program
    /// cannot; -1 where there is none.
    virtual int descriptor() const { return -1; }
};

}  // namespace rig
