// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ticks.hpp"

namespace bms {

/// A button that acts once it was held for 5 s; held for less it does nothing.
class ButtonHold {
public:
    /// True once per press, when it has been held long enough.
    bool step(Ticks now, bool pressed) {
        if (!pressed) {
            state_ = State::released;
            return false;
        }
        if (state_ == State::released) {
            state_ = State::pressed;
            acts_at_ = now + hold;
        }
        if (state_ != State::pressed || !reached(now, acts_at_)) return false;
        state_ = State::acted;
        return true;
    }

    bool pressed() const { return state_ == State::pressed; }

    /// When step() has something to do; `otherwise` while nobody presses.
    Ticks due(Ticks otherwise) const {
        return state_ == State::pressed ? earlier(acts_at_, otherwise) : otherwise;
    }

private:
    enum class State : uint8_t { released, pressed, acted };

    static constexpr Ticks hold = seconds(5);
    State state_ = State::released;
    Ticks acts_at_{};
};

}  // namespace bms
