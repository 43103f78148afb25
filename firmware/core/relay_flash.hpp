// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/profile.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

constexpr Ticks relay_flash_length = about_ms(50);

/// The rhythm of generation 3's CHARGE and LOAD LEDs: every 5 s, whatever arrives.
class TimedRelayFlash {
public:
    explicit TimedRelayFlash(Ticks now) : due_(now + pause) {}

    void message(Ticks) {}

    /// Whether the LED of an active relay is lit now.
    bool step(Ticks now) {
        if (reached(now, due_)) {
            lit_ = !lit_;
            due_ += lit_ ? relay_flash_length : pause;
        }
        return lit_;
    }

    Ticks due(Ticks otherwise) const { return earlier(due_, otherwise); }

private:
    static constexpr Ticks period = seconds(5);
    static constexpr Ticks pause = period - relay_flash_length;
    Ticks due_;
    bool lit_ = false;
};

/// Generation 2's: once per second, as long as messages arrive.
class MessageRelayFlash {
public:
    explicit MessageRelayFlash(Ticks now) : due_(now) {}

    void message(Ticks now) {
        if (phase_ != Phase::ready) return;
        phase_ = Phase::lit;
        due_ = now + relay_flash_length;
    }

    bool step(Ticks now) {
        if (phase_ == Phase::lit && reached(now, due_)) {
            phase_ = Phase::resting;
            due_ += rest;
        }
        if (phase_ == Phase::resting && reached(now, due_)) phase_ = Phase::ready;
        return phase_ == Phase::lit;
    }

    Ticks due(Ticks otherwise) const { return phase_ == Phase::ready ? otherwise : earlier(due_, otherwise); }

private:
    enum class Phase : uint8_t { ready, lit, resting };

    static constexpr Ticks rest = about_ms(750);  ///< lets the second of two messages a second pass

    Phase phase_ = Phase::ready;
    Ticks due_;
};

using RelayFlash = ByGeneration<MessageRelayFlash, TimedRelayFlash>;

}  // namespace bms
