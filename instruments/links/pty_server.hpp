// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/links/file_descriptor.hpp"
#include "instruments/links/wall_clock.hpp"

namespace rig {

/// A new pseudo-terminal, from the side of the instrument that is played on it: whoever opens
/// `path()` talks to this link.
class PtyServer : public ByteLink {
public:
    explicit PtyServer(WallClock& clock);

    const std::string& path() const { return path_; }

    /// The instrument is gone, its terminal with it: whoever has it open is told.
    void hang_up();

    /// Sends as a line without handshake does: what nobody fetches within a second is lost, so that
    /// whoever opens it hears what is said then.
    void say(std::string_view bytes);

    void send(std::string_view bytes) override;
    void on_receive(Receiver receiver) override;
    std::string name() const override { return "pty:" + path_; }
    std::string fault() const override { return link_ ? link_->fault() : "hung up"; }
    int descriptor() const override { return link_ ? link_->descriptor() : -1; }

private:
    WallClock& clock_;
    std::string path_;
    Nanoseconds all_fetched_at_{};
    FileDescriptor far_;  ///< open, so that the terminal does not hang up while nobody else has it
    std::unique_ptr<ByteLink> link_;
};

}  // namespace rig
