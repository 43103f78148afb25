// SPDX-License-Identifier: GPL-3.0-or-later
// A serial port, opened and set up by libserialport; afterwards its descriptor is like any other.
#include <fcntl.h>
#include <libserialport.h>
#include <linux/serial.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"

namespace rig {
namespace {

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
        case SerialSettings::Flow::dtr_dsr:
            return SP_FLOWCONTROL_DTRDSR;
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
    sp_flush(port.get(), SP_BUF_BOTH);
    ::ioctl(descriptor.number(), TIOCEXCL);
    ask_for_low_latency(descriptor.number());
    ::fcntl(descriptor.number(), F_SETFL, O_RDWR | O_NONBLOCK);
    return descriptor;
}

}  // namespace rig
