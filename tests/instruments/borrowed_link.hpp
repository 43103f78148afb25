// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/byte_link.hpp"

namespace rig {

/// A link that somebody else keeps, for a twin that wants one of its own.
class BorrowedLink : public ByteLink {
public:
    explicit BorrowedLink(ByteLink& link) : link_(link) {}

    void send(std::string_view bytes) override { link_.send(bytes); }
    void on_receive(Receiver receiver) override { link_.on_receive(std::move(receiver)); }
    std::string name() const override { return link_.name(); }

private:
    ByteLink& link_;
};

}  // namespace rig
