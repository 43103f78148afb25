// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ticks.hpp"

namespace bms {

/// The two lines to the radio module. A pulse of reset restarts it; a module that restarts while
/// configure is high sets itself up anew, for which it has 10 s and then restarts once more.
class RadioLines {
public:
    void restart(Ticks now) {
        if (phase_ == Phase::idle) begin(Phase::restarting, now + pulse);
    }
    void reconfigure(Ticks now) { begin(Phase::entering, now + pulse); }

    void step(Ticks now) {
        if (phase_ == Phase::idle || !reached(now, ends_)) return;
        if (phase_ == Phase::entering)
            begin(Phase::configuring, now + setting_up);
        else if (phase_ == Phase::configuring)
            begin(Phase::restarting, now + pulse);
        else
            phase_ = Phase::idle;
    }

    bool reset() const { return phase_ == Phase::entering || phase_ == Phase::restarting; }
    bool configure() const { return phase_ == Phase::entering || phase_ == Phase::configuring; }
    Ticks due(Ticks otherwise) const { return phase_ == Phase::idle ? otherwise : earlier(ends_, otherwise); }

private:
    enum class Phase : uint8_t { idle, entering, configuring, restarting };

    static constexpr Ticks pulse = about_ms(100), setting_up = seconds(10);

    void begin(Phase phase, Ticks ends) {
        phase_ = phase;
        ends_ = ends;
    }

    Phase phase_ = Phase::idle;
    Ticks ends_ = 0;
};

}  // namespace bms
