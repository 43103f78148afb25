// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "instruments/byte_link.hpp"

namespace rig {

/// Stands between an instrument's twin and the line it is played on, and spoils the
/// conversation at one message that the rig sends.
class FaultyPeer : public ByteLink {
public:
    enum class Fault {
        closes,   ///< the message is lost, and the connection with it
        silent,   ///< the message is carried out, its answer lost
        partial,  ///< half of its answer comes, and no line end
        junk,     ///< bytes that are no text come in the answer's place
        dead      ///< nothing is heard or said any more
    };

    /// `at`: the message, from 1. `close` is what closing the line means.
    FaultyPeer(ByteLink& line, Fault fault, int at, std::function<void()> close)
        : line_(line), fault_(fault), at_(at), close_(std::move(close)) {
        line_.on_receive([this](std::string_view bytes) { hear(bytes); });
    }
    ~FaultyPeer() override { line_.on_receive(nullptr); }

    /// The twin's side.
    void send(std::string_view bytes) override {
        if (messages_ != at_ && !dead()) return line_.send(bytes);
        struck_ = true;
        if (fault_ == Fault::partial) line_.send(bytes.substr(0, bytes.size() / 2));
        if (fault_ == Fault::junk) line_.send("\xff\x81\x02garbage\x80\n");
    }
    void on_receive(Receiver receiver) override { receiver_ = std::move(receiver); }
    std::string name() const override { return line_.name(); }

    /// Messages heard so far, and whether the rig could notice what was done to them.
    int messages() const { return messages_; }
    bool struck() const { return struck_; }

private:
    bool dead() const { return fault_ == Fault::dead && messages_ >= at_; }

    void hear(std::string_view bytes) {
        for (const char byte : bytes) {
            unfinished_ += byte;
            if (byte != '\n') continue;
            const auto message = std::exchange(unfinished_, {});
            ++messages_;
            if (messages_ == at_ && fault_ == Fault::closes) {
                struck_ = true;
                return close_();
            }
            if (dead()) {
                struck_ = struck_ || message.find('?') != std::string::npos;
            } else if (receiver_) {
                receiver_(message);
            }
        }
    }

    ByteLink& line_;
    Fault fault_;
    int at_;
    std::function<void()> close_;
    Receiver receiver_;
    std::string unfinished_;
    int messages_ = 0;
    bool struck_ = false;
};

}  // namespace rig
