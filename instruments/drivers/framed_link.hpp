// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "instruments/byte_link.hpp"
#include "instruments/clock.hpp"
#include "instruments/scpi_dialect.hpp"

namespace rig {

/// Another link, on which each line that is sent has the frame that the instrument wants: its
/// unit's prefix, its line end, and silence after what is no query.
class FramedLink : public ByteLink {
public:
    FramedLink(Clock& clock, std::unique_ptr<ByteLink> link, const ScpiDialect::Framing& framing, int id);

    /// One line, its LF at the end.
    void send(std::string_view line) override;

    void on_receive(Receiver receiver) override { link_->on_receive(std::move(receiver)); }
    std::string name() const override { return link_->name(); }
    std::string fault() const override { return link_->fault(); }
    bool reopen() override { return link_->reopen(); }
    int descriptor() const override { return link_->descriptor(); }

    /// `line`, which ends in LF, as it goes out to unit `id`.
    static std::string framed(const ScpiDialect::Framing& framing, int id, std::string_view line);

private:
    Clock& clock_;
    std::shared_ptr<ByteLink> link_;
    ScpiDialect::Framing framing_;
    int id_;
    Nanoseconds free_at_{};  ///< when the instrument listens again
};

}  // namespace rig
