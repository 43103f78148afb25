// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/announcement.hpp"
#include "firmware/core/cell_reading.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/chain_relay.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// The first board's part: one message per period, with the switches and the currents in it.
class ChainOrigin {
public:
    /// The boards get a moment to boot and to read their cells.
    explicit ChainOrigin(Ticks now) : due_(now + boot) {}

    Ticks due() const { return due_; }

    /// The message as it leaves the first board. The next one is due a period later, never two in
    /// a hurry.
    void compose(Ticks now, const Announcement& told, int16_t i1, int16_t i2, const Contribution& own,
                 uint8_t (&bytes)[ChainFrame::size]) {
        const Ticks period = message_period(told.fast);
        due_ += period;
        if (reached(now, due_)) due_ = now + period;

        ChainFrame frame{};
        frame.sequence = ++sequence_;
        frame.turn = turn_ = turn_ < told.most_cells ? static_cast<uint8_t>(turn_ + 1) : uint8_t{1};
        frame.config = told.config;
        frame.fast = told.fast;
        frame.settings_lost = told.settings_lost;
        frame.balance_voltage = told.balance_voltage;
        frame.i1 = i1;
        frame.i2 = i2;
        frame.lowest_voltage = ChainFrame::no_lowest_voltage;
        frame.lowest_temperature = ChainFrame::no_lowest_temperature;
        encode(frame, bytes);

        // The first board is the first hop of its own message.
        ChainRelay hop;
        hop.contribute(own);
        hop.begin_frame();
        for (uint8_t& byte : bytes)
            hop.receive(byte, true, byte);
    }

private:
    static constexpr Ticks boot = about_ms(100);
    Ticks due_;
    uint8_t sequence_ = 0, turn_ = 0;
};

}  // namespace bms
