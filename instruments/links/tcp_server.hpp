// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/links/wall_clock.hpp"

namespace rig {

/// A port of this machine's own network, from the side of the instrument that is played on
/// it. Like most instruments it talks to one client: a new one takes the old one's place.
class TcpServer : public ByteLink {
public:
    /// `port` 0: one that is free.
    explicit TcpServer(WallClock& clock, int port = 0);
    ~TcpServer() override;

    int port() const;

    /// Ends the connection; the next one is accepted.
    void hang_up();
    /// Accepts no more, as an instrument without power.
    void close();
    bool connected() const;

    void send(std::string_view bytes) override;
    void on_receive(Receiver receiver) override;
    std::string name() const override;
    std::string fault() const override;
    int descriptor() const override;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace rig
