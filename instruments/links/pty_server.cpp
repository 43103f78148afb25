// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/pty_server.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>

#include <cerrno>
#include <system_error>

#include "instruments/links/descriptor_link.hpp"

namespace rig {
namespace {

void must(bool done) {
    if (!done) throw std::system_error(errno, std::generic_category(), "no pseudo-terminal");
}

}  // namespace

PtyServer::PtyServer(WallClock& clock) {
    FileDescriptor near(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    must(near.open() && ::grantpt(near.number()) == 0 && ::unlockpt(near.number()) == 0);
    char path[128];
    must(::ptsname_r(near.number(), path, sizeof path) == 0);
    path_ = path;
    far_ = FileDescriptor(::open(path, O_RDWR | O_NOCTTY | O_CLOEXEC));
    must(far_.open());
    // Whoever opens it may not be the first to say something.
    termios raw{};
    must(::tcgetattr(far_.number(), &raw) == 0);
    ::cfmakeraw(&raw);
    must(::tcsetattr(far_.number(), TCSANOW, &raw) == 0);
    link_ = std::make_unique<DescriptorLink>(clock, name(), "hung up", [&] { return std::move(near); });
}

void PtyServer::hang_up() {
    link_.reset();
    far_.close();
}

void PtyServer::send(std::string_view bytes) {
    if (link_) link_->send(bytes);
}

void PtyServer::on_receive(Receiver receiver) {
    if (link_) link_->on_receive(std::move(receiver));
}

}  // namespace rig
