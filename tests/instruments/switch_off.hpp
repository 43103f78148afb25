// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/off_sequence.hpp"

namespace rig {

/// A wire that a driver has one end of while somebody else can speak on it too.
class SharedWire {
public:
    explicit SharedWire(std::unique_ptr<ByteLink> link) : link_(std::move(link)) {
        link_->on_receive([this](std::string_view bytes) {
            heard += bytes;
            if (driver_) driver_(bytes);
        });
    }

    std::unique_ptr<ByteLink> end() { return std::make_unique<End>(*this); }
    void send(std::string_view bytes) { link_->send(bytes); }

    std::string heard;  ///< since somebody emptied it

private:
    struct End : ByteLink {
        explicit End(SharedWire& its_wire) : wire(its_wire) {}
        ~End() override { wire.driver_ = nullptr; }
        void send(std::string_view bytes) override { wire.send(bytes); }
        void on_receive(Receiver receiver) override { wire.driver_ = std::move(receiver); }
        std::string name() const override { return "shared"; }
        SharedWire& wire;
    };

    std::unique_ptr<ByteLink> link_;
    ByteLink::Receiver driver_;
};

/// Does what `sequence` says, as somebody who has nothing but the wire: at most `attempts`
/// times, until all answers confirm it. "" when they did, else what stayed unconfirmed.
inline std::string switched_off(Clock& clock, SharedWire& wire, const OffSequence& sequence,
                                int attempts = 3) {
    std::string missing;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        missing.clear();
        if (!sequence.flush.empty()) wire.send(sequence.flush);
        clock.run_for(sequence.flush_silence);
        for (const auto& step : sequence.steps) {
            wire.heard.clear();
            wire.send(step.send);
            if (step.answer.kind != OffSequence::Answer::Kind::none) {
                const auto confirmed = [&] {
                    return confirmation(step.answer, wire.heard) == Confirmation::confirmed;
                };
                if (!clock.run_until(confirmed, clock.now() + step.answer.within)) missing += step.send;
            }
            clock.run_for(step.silence_after);
        }
        if (missing.empty()) return missing;
    }
    return missing;
}

}  // namespace rig
