// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/ticks.hpp"

namespace bms {

/// The rhythm of the CHARGE and LOAD LEDs.
class RelayFlash {
public:
    explicit RelayFlash(Ticks now) : due_(now + pause) {}

    /// Whether the LED of an active relay is lit now.
    bool step(Ticks now) {
        if (reached(now, due_)) {
            lit_ = !lit_;
            due_ += lit_ ? flash : pause;
        }
        return lit_;
    }

    Ticks due() const { return due_; }

private:
    static constexpr Ticks period = seconds(5);
    static constexpr Ticks flash = about_ms(50);
    static constexpr Ticks pause = period - flash;
    Ticks due_;
    bool lit_ = false;
};

}  // namespace bms
