// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/links/file_descriptor.hpp"
#include "instruments/links/wall_clock.hpp"

namespace rig {

/// A link over one of the operating system's descriptors: what serial ports, pseudo-terminals
/// and sockets have in common.
class DescriptorLink : public ByteLink {
public:
    /// Yields a descriptor that does not block and is closed in programs this one starts.
    /// Called at once, and again by `reopen`; throws LinkError.
    using Open = std::function<FileDescriptor()>;

    /// `gone` is what the end of the descriptor's life means here: "closed by the peer".
    DescriptorLink(WallClock& clock, std::string name, std::string gone, Open open);
    ~DescriptorLink() override;

    void send(std::string_view bytes) override;
    void on_receive(Receiver receiver) override;
    std::string name() const override;
    std::string fault() const override;
    bool reopen() override;
    int descriptor() const override;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace rig
