// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_origin.hpp"
#include "firmware/core/chain_relay.hpp"
#include "firmware/core/service_frame.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// Where service frames enter the chain: the first board takes a whole one in, and passes it on
/// in the silence between two messages. What is damaged goes no further.
class ServiceEntry {
public:
    /// Replaces one that still waits.
    void heard(const uint8_t (&bytes)[ServiceFrame::size]) {
        ServiceFrame frame;
        if (!decode(bytes, frame)) return;
        for (uint8_t i = 0; i < ServiceFrame::size; ++i)
            waiting_[i] = bytes[i];
        waits_ = true;
    }

    /// What this board says in the frames for it.
    void answer(const ServiceAnswer& answer) { hop_.answer(answer); }

    /// True when `bytes` are to be sent now; this board has been through with them.
    bool step(Ticks now, ChainOrigin& origin, uint8_t (&bytes)[ServiceFrame::size]) {
        if (!waits_ || !origin.silent(now)) return false;
        waits_ = false;
        origin.sent_between(now);
        hop_.begin_frame();
        for (uint8_t i = 0; i < ServiceFrame::size; ++i)
            hop_.receive(waiting_[i], true, bytes[i]);
        return true;
    }
    bool take_request(ServiceRequest& request) { return hop_.take_request(request); }

    Ticks due(Ticks now, const ChainOrigin& origin, Ticks otherwise) const {
        return waits_ ? earlier(origin.silent_from(now), otherwise) : otherwise;
    }

private:
    ChainRelay hop_;
    uint8_t waiting_[ServiceFrame::size] = {};
    bool waits_ = false;
};

}  // namespace bms
