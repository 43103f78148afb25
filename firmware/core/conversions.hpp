// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// The converter rounds down: on average it reads half a count low, and so does each of `samples`
/// conversions in a sum. Adding half of `samples` to the sum puts that right.
constexpr uint8_t floor_correction(uint8_t samples) {
    return samples / 2;
}

}  // namespace bms
