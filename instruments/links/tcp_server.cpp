// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/tcp_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <utility>

#include "instruments/links/descriptor_link.hpp"

namespace rig {

using asio::ip::tcp;

struct TcpServer::State : std::enable_shared_from_this<TcpServer::State> {
    State(WallClock& its_clock, int wanted_port)
        : clock(its_clock),
          acceptor(its_clock.context(),
                   {asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(wanted_port)}),
          port(acceptor.local_endpoint().port()) {
        ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
        acceptor.non_blocking(true);
    }

    WallClock& clock;
    tcp::acceptor acceptor;
    int port;
    std::unique_ptr<ByteLink> client;
    Receiver receiver;

    void accept() {
        acceptor.async_wait(tcp::acceptor::wait_read,
                            [self = weak_from_this()](const asio::error_code& error) {
                                const auto state = self.lock();
                                if (state && !error) state->take();
                            });
    }

    void take() {
        FileDescriptor socket(
            ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket.open()) {
            client = std::make_unique<DescriptorLink>(clock, "tcp client", "closed by the peer",
                                                      [&] { return std::move(socket); });
            client->on_receive([self = weak_from_this()](std::string_view bytes) {
                const auto state = self.lock();
                if (state && state->receiver) state->receiver(bytes);
            });
        }
        accept();
    }
};

TcpServer::TcpServer(WallClock& clock, int port) : state_(std::make_shared<State>(clock, port)) {
    state_->accept();
}

TcpServer::~TcpServer() = default;

int TcpServer::port() const {
    return state_->port;
}

void TcpServer::hang_up() {
    state_->client.reset();
}

void TcpServer::close() {
    hang_up();
    state_->acceptor.close();
}

bool TcpServer::connected() const {
    return state_->client && state_->client->fault().empty();
}

void TcpServer::send(std::string_view bytes) {
    if (state_->client) state_->client->send(bytes);
}

void TcpServer::on_receive(Receiver receiver) {
    state_->receiver = std::move(receiver);
}

std::string TcpServer::name() const {
    return "tcp:127.0.0.1:" + std::to_string(state_->port);
}

std::string TcpServer::fault() const {
    return connected() ? "" : "nobody is connected";
}

int TcpServer::descriptor() const {
    return state_->client ? state_->client->descriptor() : -1;
}

}  // namespace rig
