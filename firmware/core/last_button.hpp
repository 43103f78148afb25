// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/button_hold.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// The last board's button: BTN-01, BTN-03, BTN-04.
class LastButton {
public:
    enum class Press : uint8_t {
        none,
        held,         ///< for 5 s
        brief,        ///< and let go before that
        at_power_up,  ///< held while power returned; until it is let go it means nothing else
    };

    explicit LastButton(bool power_up) : state_(power_up ? State::powered_up : State::waiting) {}

    Press step(Ticks now, bool pressed) {
        if (state_ == State::powered_up) {
            state_ =
                pressed && Profile::power_up_button_reconfigures ? State::held_at_power_up : State::waiting;
            steady_at_ = now + bounce;
        }
        if (state_ == State::held_at_power_up || state_ == State::spent) return at_power_up(now, pressed);

        const bool was_pressed = hold_.pressed();
        if (!was_pressed) steady_at_ = now + bounce;
        if (hold_.step(now, pressed)) return Press::held;
        return was_pressed && !pressed && reached(now, steady_at_) ? Press::brief : Press::none;
    }

    Ticks due(Ticks otherwise) const {
        return state_ == State::held_at_power_up ? earlier(steady_at_, otherwise) : hold_.due(otherwise);
    }

private:
    enum class State : uint8_t { powered_up, held_at_power_up, spent, waiting };

    static constexpr Ticks bounce = about_ms(50);

    Press at_power_up(Ticks now, bool pressed) {
        if (!pressed)
            state_ = State::waiting;
        else if (state_ == State::held_at_power_up && reached(now, steady_at_)) {
            state_ = State::spent;
            return Press::at_power_up;
        }
        return Press::none;
    }

    State state_;
    ButtonHold hold_;
    Ticks steady_at_{};
};

}  // namespace bms
