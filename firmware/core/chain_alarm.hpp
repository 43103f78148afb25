// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/profile.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// The communication alarm E: no complete valid message for too long, or a count of cells that
/// does not fit.
class ChainAlarm {
public:
    explicit ChainAlarm(Ticks now)
        : powered_at_(now), silent_at_(now + periods_after_power_up * period_), quiet_until_(silent_at_) {}

    /// The message period that a valid message has told; the longer one until then.
    void tell_period(Ticks period) {
        if (period == period_) return;
        period_ = period;
        if (quiet_) quiet_until_ = powered_at_ + periods_after_power_up * period;
    }

    void complete_message(Ticks now) {
        if (raised_ && ++good_ == good_to_clear) raised_ = false;
        const Ticks next = now + silence();
        silent_at_ = quiet_ && !reached(next, quiet_until_) ? quiet_until_ : next;
    }

    /// A message whose count of hops does not fit: at once, once the boards have had time to boot.
    void wrong_count() {
        good_ = 0;
        if (!quiet_) raised_ = true;
    }

    void step(Ticks now) {
        if (quiet_ && reached(now, quiet_until_)) quiet_ = false;
        if (!reached(now, silent_at_)) return;
        raised_ = true;
        good_ = 0;
        silent_at_ = now + silence();
    }

    Ticks due() const { return silent_at_; }
    bool raised() const { return raised_; }

private:
    static constexpr uint8_t periods_of_silence = 5, periods_after_power_up = 10;
    static constexpr uint8_t good_to_clear = 3;

    Ticks silence() const { return periods_of_silence * period_; }

    Ticks period_ = Profile::message_period;
    Ticks powered_at_, silent_at_, quiet_until_;
    uint8_t good_{};
    bool quiet_ = true, raised_ = false;
};

}  // namespace bms
