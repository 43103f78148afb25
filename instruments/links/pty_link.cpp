// SPDX-License-Identifier: GPL-3.0-or-later
// A pseudo-terminal's far side, through termios: libserialport does not know them.
#include <fcntl.h>
#include <termios.h>

#include <cerrno>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"

namespace rig {

FileDescriptor open_pty(const LinkAddress& address) {
    FileDescriptor terminal(::open(address.target.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!terminal.open())
        refuse_link(address, "cannot be opened", errno, "does the program at its other side run?");
    lock_device(terminal.number(), address);
    termios settings{};
    if (::tcgetattr(terminal.number(), &settings) != 0)
        refuse_link(address, "is no terminal", errno, "the path that the other side printed");
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    if (::tcsetattr(terminal.number(), TCSANOW, &settings) != 0)
        refuse_link(address, "cannot be set up", errno, "the path that the other side printed");
    ::tcflush(terminal.number(), TCIFLUSH);
    return terminal;
}

}  // namespace rig
