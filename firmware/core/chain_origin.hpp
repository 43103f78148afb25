// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/announcement.hpp"
#include "firmware/core/cell_reading.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/chain_relay.hpp"
#include "firmware/core/clock_trim.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// The first board's part: one message per period, with the switches and the currents in it.
class ChainOrigin {
public:
    /// The boards get a moment to boot and to read their cells.
    explicit ChainOrigin(Ticks now) : due_(now + boot), quiet_from_(now) {}

    /// Whether to send a message now: one per period of true time, since energy is counted by
    /// messages; never two in a hurry.
    bool due(Ticks now, int16_t clock_trim) {
        if (!reached(now, due_)) return false;
        due_ += trim_.counted(period_, clock_trim);
        if (reached(now, due_)) due_ = now + period_;
        quiet_from_ = now + frame_and_pause;
        return true;
    }

    Ticks next() const { return due_; }

    /// Whether a frame that is none of ours fits in before the next message.
    bool silent(Ticks now) const {
        return reached(now, quiet_from_) && !reached(now + frame_and_pause, due_);
    }

    /// When to ask again.
    Ticks silent_from(Ticks now) const {
        return !reached(now, quiet_from_) ? quiet_from_ : due_ + frame_and_pause;
    }
    void sent_between(Ticks now) { quiet_from_ = now + frame_and_pause; }

    /// The next message as it leaves the first board.
    void compose(const Announcement& told, int16_t i1, int16_t i2, const Contribution& own,
                 uint8_t (&bytes)[ChainFrame::size]) {
        ChainFrame frame{};
        frame.sequence = ++sequence_;
        frame.turn = turn_ = turn_ < told.most_cells ? static_cast<uint8_t>(turn_ + 1) : uint8_t{1};
        frame.config = told.config;
        frame.fast = told.fast;
        frame.settings_lost = told.settings_lost;
        frame.balance_voltage = told.balance_voltage;
        period_ = message_period(told.fast);
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
    /// 32 bytes, and a silence by which everybody tells two frames apart.
    static constexpr Ticks frame_and_pause = at_least_ms(34 + 40);
    Ticks period_ = Profile::message_period;
    Ticks due_, quiet_from_;
    ClockTrim trim_;
    uint8_t sequence_{}, turn_{};
};

}  // namespace bms
