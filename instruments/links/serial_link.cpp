// SPDX-License-Identifier: GPL-3.0-or-later
// A serial port, opened and set up by libserialport; afterwards its descriptor is like any other.
#include <fcntl.h>
#include <fmt/format.h>
#include <libserialport.h>
#include <linux/serial.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"

namespace rig {
namespace {

/// A rate may be off by one part in so many before the other end reads something else.
constexpr int most_baud_error = 40;

struct ClosePort {
    void operator()(sp_port* port) const {
        sp_close(port);
        sp_free_port(port);
    }
};
using Port = std::unique_ptr<sp_port, ClosePort>;
using Config = std::unique_ptr<sp_port_config, decltype(&sp_free_config)>;

void must(sp_return result, const LinkAddress& address, const std::string& what, const std::string& to_try) {
    if (result == SP_OK) return;
    if (result == SP_ERR_FAIL) refuse_link(address, what, sp_last_error_code(), to_try);
    throw LinkError(address.name() + ": " + what + "\n  try     " + to_try);
}

sp_parity parity_of(SerialSettings::Parity parity) {
    switch (parity) {
        case SerialSettings::Parity::even:
            return SP_PARITY_EVEN;
        case SerialSettings::Parity::odd:
            return SP_PARITY_ODD;
        case SerialSettings::Parity::mark:
            return SP_PARITY_MARK;
        case SerialSettings::Parity::space:
            return SP_PARITY_SPACE;
        default:
            return SP_PARITY_NONE;
    }
}

sp_flowcontrol flow_of(SerialSettings::Flow flow) {
    switch (flow) {
        case SerialSettings::Flow::rts_cts:
            return SP_FLOWCONTROL_RTSCTS;
        case SerialSettings::Flow::xon_xoff:
            return SP_FLOWCONTROL_XONXOFF;
        default:
            return SP_FLOWCONTROL_NONE;
    }
}

/// libserialport knows ports by their names in /sys: a link by serial number, say, must be followed.
Port find(const LinkAddress& address) {
    std::error_code none;
    const auto device = std::filesystem::canonical(address.target, none);
    if (none) refuse_link(address, "is not there", none.value(), "is it plugged in? ls -l /dev/serial/by-id");
    sp_port* port = nullptr;
    must(sp_get_port_by_name(device.c_str(), &port), address, "is no serial port",
         "a pseudo-terminal is pty:" + address.target);
    return Port(port);
}

/// libserialport 0.1.1 puts the flag of this handshake where it means nothing.
void hand_shake_by_wire(int descriptor, const LinkAddress& address) {
    const bool wanted = address.settings.flow == SerialSettings::Flow::rts_cts;
    termios line{};
    ::tcgetattr(descriptor, &line);
    line.c_iflag &= ~static_cast<tcflag_t>(CRTSCTS);
    line.c_cflag = wanted ? line.c_cflag | CRTSCTS : line.c_cflag & ~static_cast<tcflag_t>(CRTSCTS);
    ::tcsetattr(descriptor, TCSANOW, &line);
    ::tcgetattr(descriptor, &line);
    if (((line.c_cflag & CRTSCTS) != 0) != wanted)
        throw LinkError(address.name() +
                        ": does not take flow=rts-cts\n  try     an adapter that has these lines");
}

/// What a driver or adapter has not got, it may replace by what it has, without a word.
void check_held(sp_port* port, sp_port_config* held, const LinkAddress& address) {
    must(sp_get_config(port, held), address, "does not say how it is set", "another adapter");
    const auto& line = address.settings;
    int baud = 0, bits = 0, stop_bits = 0;
    sp_parity parity = SP_PARITY_INVALID;
    sp_get_config_baudrate(held, &baud);
    sp_get_config_bits(held, &bits);
    sp_get_config_parity(held, &parity);
    sp_get_config_stopbits(held, &stop_bits);
    const auto refuse = [&](const char* what) {
        throw LinkError(fmt::format("{}: does not take {} of {}\n  try     settings that the adapter has",
                                    address.name(), what, address.text));
    };
    if (std::abs(baud - line.baud) > line.baud / most_baud_error) refuse("the baud rate");
    if (bits != line.bits) refuse("the bits");
    if (parity != parity_of(line.parity)) refuse("the parity");
    if (stop_bits != line.stop_bits) refuse("the stop bits");
}

void set_up(sp_port* port, const LinkAddress& address) {
    sp_port_config* made = nullptr;
    must(sp_new_config(&made), address, "cannot be set up", "memory is short");
    const Config config(made, sp_free_config);
    const auto& line = address.settings;
    sp_set_config_baudrate(made, line.baud);
    sp_set_config_bits(made, line.bits);
    sp_set_config_parity(made, parity_of(line.parity));
    sp_set_config_stopbits(made, line.stop_bits);
    sp_set_config_flowcontrol(made, flow_of(line.flow));
    must(sp_set_config(port, made), address, "does not take " + address.text.substr(address.name().size()),
         "settings that the adapter has");
    check_held(port, made, address);
}

/// Some adapters hold what they received for 16 ms unless asked not to; those that cannot be
/// asked are only slower.
void ask_for_low_latency(int descriptor) {
    serial_struct details{};
    if (::ioctl(descriptor, TIOCGSERIAL, &details) != 0) return;
    details.flags |= ASYNC_LOW_LATENCY;
    ::ioctl(descriptor, TIOCSSERIAL, &details);
}

}  // namespace

FileDescriptor open_serial(const LinkAddress& address) {
    const Port port = find(address);
    must(sp_open(port.get(), SP_MODE_READ_WRITE), address, "cannot be opened",
         "is it plugged in, and is this user in the group dialout?");
    int of_library = -1;
    sp_get_port_handle(port.get(), &of_library);
    // A copy, so that the library's port can go: what was set up stays with the device.
    FileDescriptor descriptor(::fcntl(of_library, F_DUPFD_CLOEXEC, 0));
    if (!descriptor.open()) refuse_link(address, "cannot be opened", errno, "too many files are open");
    lock_device(descriptor.number(), address);
    set_up(port.get(), address);
    hand_shake_by_wire(descriptor.number(), address);
    sp_flush(port.get(), SP_BUF_BOTH);
    ::ioctl(descriptor.number(), TIOCEXCL);
    ask_for_low_latency(descriptor.number());
    ::fcntl(descriptor.number(), F_SETFL, O_RDWR | O_NONBLOCK);
    return descriptor;
}

}  // namespace rig
