// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// The boards' time: the 1.8432 MHz crystal through the timer's prescaler of 1024. Wraps after
/// 27 days, so instants are compared with reached() and never further apart than half of that.
using Ticks = uint32_t;

constexpr Ticks ticks_per_second = 1800;

/// Rounded up, plus the fraction of a tick that may have passed already: never too short.
constexpr Ticks at_least_ms(uint32_t ms) {
    return (ms * ticks_per_second + 999) / 1000 + 1;
}
constexpr Ticks about_ms(uint32_t ms) {
    return ms * ticks_per_second / 1000;
}
constexpr Ticks seconds(uint32_t s) {
    return s * ticks_per_second;
}

constexpr bool reached(Ticks now, Ticks due) {
    return now - due < 0x80000000u;
}
constexpr Ticks earlier(Ticks a, Ticks b) {
    return reached(a, b) ? b : a;
}

}  // namespace bms
