// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/ticks.hpp"

namespace bms {

/// Turns spans of true time into ticks of a crystal that is not quite right, or back. Fractions
/// of a tick are carried on, so nothing is lost however short the spans.
class ClockTrim {
public:
    /// A crystal that is fast by `ppm` counts so many ticks during `true_ticks` of true time.
    Ticks counted(Ticks true_ticks, int16_t ppm) {
        remainder_ += static_cast<int32_t>(true_ticks) * ppm;
        return true_ticks + static_cast<Ticks>(whole());
    }

    /// So much true time passes while it counts `counted_ticks`.
    Ticks passed(Ticks counted_ticks, int16_t ppm) {
        remainder_ -= static_cast<int32_t>(counted_ticks) * ppm;
        return counted_ticks + static_cast<Ticks>(whole());
    }

private:
    static constexpr int32_t million = 1000000;

    int32_t whole() {
        int32_t ticks = 0;
        while (remainder_ >= million) {
            remainder_ -= million;
            ++ticks;
        }
        while (remainder_ <= -million) {
            remainder_ += million;
            --ticks;
        }
        return ticks;
    }

    int32_t remainder_{};
};

}  // namespace bms
