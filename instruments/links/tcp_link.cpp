// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <asio/ip/tcp.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <memory>

#include "instruments/links/link_error.hpp"
#include "instruments/links/open_link.hpp"

namespace rig {
namespace {

using asio::ip::tcp;

const char* const hint =
    "is the instrument switched on, on this network, and not in another program's hands?";

tcp::resolver::results_type resolve(WallClock& clock, const LinkAddress& address, Nanoseconds deadline) {
    asio::error_code not_numeric;
    const auto number = asio::ip::make_address(address.target, not_numeric);
    const auto port = static_cast<asio::ip::port_type>(address.port);
    if (!not_numeric) return tcp::resolver::results_type::create(tcp::endpoint(number, port), "", "");

    struct Found {
        bool done = false;
        asio::error_code error;
        tcp::resolver::results_type endpoints;
    };
    // Shared: a name service that is late finds nobody waiting.
    const auto found = std::make_shared<Found>();
    tcp::resolver resolver(clock.context());
    resolver.async_resolve(address.target, std::to_string(address.port),
                           [found](const asio::error_code& error, const auto& endpoints) {
                               *found = {true, error, endpoints};
                           });
    if (!clock.run_until([&] { return found->done; }, deadline))
        refuse_link(address, "its name is not found", ETIMEDOUT, "its address in place of its name");
    if (found->error)
        throw LinkError(address.name() + ": its name is not found: " + found->error.message() +
                        "\n  try     its address in place of its name");
    return found->endpoints;
}

/// 0, or what errno would say.
int connect_until(WallClock& clock, int socket, const tcp::endpoint& endpoint, Nanoseconds deadline) {
    if (::connect(socket, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    const auto writable = std::make_shared<bool>(false);
    // A descriptor of its own: what happens meanwhile may throw, and each closes what it owns.
    FileDescriptor own(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
    if (!own.open()) return errno;
    asio::posix::stream_descriptor waiting(clock.context(), own.number());
    own.release();
    waiting.async_wait(asio::posix::stream_descriptor::wait_write,
                       [writable](const asio::error_code& error) { *writable = !error; });
    const bool done = clock.run_until([&] { return *writable; }, deadline);
    if (!done) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

}  // namespace

FileDescriptor open_tcp(WallClock& clock, const LinkAddress& address, Nanoseconds within) {
    const auto deadline = clock.now() + within;
    int error = EADDRNOTAVAIL;
    const auto all = resolve(clock, address, deadline);
    auto left = static_cast<std::int64_t>(all.size());
    for (const auto& found : all) {
        const auto endpoint = found.endpoint();
        // One that says nothing leaves the others their share.
        const auto its_deadline = clock.now() + (deadline - clock.now()) / left--;
        FileDescriptor socket(
            ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket.open()) refuse_link(address, "no socket", errno, "too many files are open");
        error = connect_until(clock, socket.number(), endpoint, its_deadline);
        if (error != 0) continue;
        const int on = 1;
        // A command waits for nothing; an instrument that lost its power is missed in the end.
        ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ::setsockopt(socket.number(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        return socket;
    }
    refuse_link(address, "no connection", error, hint);
}

}  // namespace rig
