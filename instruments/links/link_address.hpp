// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace rig {

/// The settings of a serial line.
struct SerialSettings {
    enum class Parity { none, even, odd, mark, space };
    enum class Flow { none, rts_cts, xon_xoff };

    int baud = 9600;
    int bits = 8;
    Parity parity = Parity::none;
    int stop_bits = 1;
    Flow flow = Flow::none;
};

/// A link as fixture files write it, taken apart:
///
///     memory:  memory:lan  memory:9600          in memory, imitating a wire
///     serial:/dev/ttyUSB0?baud=9600&bits=8&parity=none&stop=1&flow=none
///     pty:/dev/pts/4                            a pseudo-terminal
///     tcp:10.0.0.5:5025  tcp:[fe80::1]:5025
///     usbtmc:/dev/usbtmc0
///     modbus:/dev/ttyUSB0?baud=115200&address=1 registers, Modbus RTU
///     sigrok:scpi-pps:tcp-raw/10.0.0.5/5555     what libsigrok's driver scpi-pps reaches so
///     sigrok:rdtech-dps:/dev/ttyUSB0?serialcomm=9600/8n1&modbusaddr=1
struct LinkAddress {
    enum class Kind { memory, serial, pty, tcp, usbtmc, modbus, sigrok };

    /// In libsigrok's own words.
    struct Sigrok {
        std::string connection;  ///< what it calls conn
        std::string serialcomm;  ///< empty: what its driver takes for usual
        int modbus_address = 0;  ///< 0: the same
    };

    std::string text;  ///< as it was written, for messages
    Kind kind = Kind::memory;
    std::string
        target;    ///< the device's path, the host, libsigrok's driver, or the medium that memory imitates
    int port = 0;  ///< tcp
    SerialSettings settings;  ///< serial, modbus
    int unit = 1;             ///< modbus: the instrument's address on its line
    Sigrok sigrok;

    /// `text` without its settings: what messages call the link.
    std::string name() const { return text.substr(0, text.find('?')); }

    static LinkAddress memory() {
        LinkAddress link;
        link.text = "memory:";
        return link;
    }

    /// Whether the operating system carries it.
    bool real() const { return kind != Kind::memory; }
};

/// A text that is no link. `allowed` says what could stand there.
class LinkTextError : public std::invalid_argument {
public:
    LinkTextError(const std::string& what, std::string allowed)
        : std::invalid_argument(what), allowed_(std::move(allowed)) {}

    const std::string& allowed() const { return allowed_; }

private:
    std::string allowed_;
};

/// Throws LinkTextError, whose message goes on from the text: "has no setting boud".
LinkAddress parse_link(const std::string& text);

}  // namespace rig
