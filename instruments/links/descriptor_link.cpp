// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/descriptor_link.hpp"

#include <sys/file.h>
#include <sys/socket.h>

#include <asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "instruments/links/link_error.hpp"

namespace rig {
namespace {

using Waiting = asio::posix::stream_descriptor;

/// Written to a peer that closed, a socket would otherwise end the whole program.
ssize_t write_quietly(int descriptor, const char* bytes, std::size_t size) {
    const auto sent = ::send(descriptor, bytes, size, MSG_NOSIGNAL);
    return sent < 0 && errno == ENOTSOCK ? ::write(descriptor, bytes, size) : sent;
}

}  // namespace

/// Outlives the link for as long as the operating system may still call back.
struct DescriptorLink::State : std::enable_shared_from_this<DescriptorLink::State> {
    State(WallClock& its_clock, std::string its_name, std::string its_gone, Open its_open)
        : clock(its_clock), name(std::move(its_name)), gone(std::move(its_gone)), open(std::move(its_open)) {}

    WallClock& clock;
    std::string name, gone;
    Open open;
    std::optional<Waiting> waiting;  ///< owns the descriptor
    Receiver receiver;
    std::string outgoing;  ///< what the descriptor would not take yet
    std::string fault;

    void begin() {
        auto descriptor = open();
        waiting.emplace(clock.context(), descriptor.number());
        descriptor.release();
        outgoing.clear();
        fault.clear();
        wait_for_bytes();
    }

    void wait_for_bytes() {
        waiting->async_wait(Waiting::wait_read, [self = weak_from_this()](const asio::error_code& error) {
            const auto state = self.lock();
            if (state && !error) state->read();
        });
    }

    void read() {
        char bytes[4096];
        const auto count = ::read(waiting->native_handle(), bytes, sizeof bytes);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
            return end(count == 0 ? 0 : errno);
        wait_for_bytes();
        // Last: whoever hears it may close the link.
        if (count > 0 && receiver) receiver({bytes, static_cast<std::size_t>(count)});
    }

    void write() {
        while (!outgoing.empty()) {
            const auto count = write_quietly(waiting->native_handle(), outgoing.data(), outgoing.size());
            if (count >= 0)
                outgoing.erase(0, static_cast<std::size_t>(count));
            else if (errno == EAGAIN)
                return wait_for_room();
            else if (errno != EINTR)
                return end(errno);
        }
    }

    void wait_for_room() {
        waiting->async_wait(Waiting::wait_write, [self = weak_from_this()](const asio::error_code& error) {
            const auto state = self.lock();
            if (state && !error) state->write();
        });
    }

    void end(int error) {
        const bool plain = error == 0 || error == EIO || error == EPIPE || error == ECONNRESET;
        fault = plain ? gone : gone + " (" + std::strerror(error) + ")";
        outgoing.clear();
        // A guard holds it open still, and with it the lock that would keep us off when we open it again.
        ::flock(waiting->native_handle(), LOCK_UN);
        waiting.reset();
    }
};

DescriptorLink::DescriptorLink(WallClock& clock, std::string name, std::string gone, Open open)
    : state_(std::make_shared<State>(clock, std::move(name), std::move(gone), std::move(open))) {
    state_->begin();
}

DescriptorLink::~DescriptorLink() = default;

void DescriptorLink::send(std::string_view bytes) {
    auto& state = *state_;
    if (!state.fault.empty() || bytes.empty()) return;
    const bool room_awaited = !state.outgoing.empty();
    state.outgoing.append(bytes);
    if (!room_awaited) state.write();
}

void DescriptorLink::on_receive(Receiver receiver) {
    state_->receiver = std::move(receiver);
}

std::string DescriptorLink::name() const {
    return state_->name;
}

std::string DescriptorLink::fault() const {
    return state_->fault;
}

bool DescriptorLink::reopen() {
    if (state_->fault.empty()) return true;
    try {
        state_->begin();
    } catch (const LinkError&) {
        return false;
    }
    return true;
}

int DescriptorLink::descriptor() const {
    return state_->waiting ? state_->waiting->native_handle() : -1;
}

}  // namespace rig
