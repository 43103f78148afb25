// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/pty_server.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <system_error>

#include "instruments/links/descriptor_link.hpp"

namespace rig {
namespace {

void must(bool done) {
    if (!done) throw std::system_error(errno, std::generic_category(), "no pseudo-terminal");
}

constexpr Nanoseconds unfetched_for{1'000'000'000};

}  // namespace

PtyServer::PtyServer(WallClock& clock) : clock_(clock) {
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

void PtyServer::say(std::string_view bytes) {
    int unfetched = 0;
    if (::ioctl(far_.number(), FIONREAD, &unfetched) != 0 || unfetched == 0)
        all_fetched_at_ = clock_.now();
    else if (clock_.now() - all_fetched_at_ > unfetched_for)
        ::tcflush(far_.number(), TCIFLUSH);
    send(bytes);
}

void PtyServer::send(std::string_view bytes) {
    if (link_) link_->send(bytes);
}

void PtyServer::on_receive(Receiver receiver) {
    if (link_) link_->on_receive(std::move(receiver));
}

}  // namespace rig
