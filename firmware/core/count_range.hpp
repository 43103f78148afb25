// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/profile.hpp"

namespace bms {

struct CountRange {
    uint8_t least, most;
    constexpr bool holds(uint8_t count) const { return count >= least && count <= most; }
};

/// DIP-08: switches 1 to 3.
constexpr CountRange gen3_count_range(uint8_t code) {
    return code == 0   ? CountRange{2, 4}
           : code == 1 ? CountRange{5, 8}
           : code == 2 ? CountRange{9, 16}
           : code == 3 ? CountRange{17, 25}
           : code == 4 ? CountRange{26, 40}
           : code == 5 ? CountRange{41, 80}
           : code == 6 ? CountRange{81, 150}
                       : CountRange{151, 255};
}

/// DIP-06, DIP-07: up to the number in the list.
constexpr CountRange gen2_count_range(uint8_t code) {
    return CountRange{2, code < 8     ? static_cast<uint8_t>(4 + 4 * code)
                         : code == 8  ? uint8_t{48}
                         : code == 9  ? uint8_t{64}
                         : code == 10 ? uint8_t{80}
                         : code == 11 ? uint8_t{96}
                         : code == 12 ? uint8_t{128}
                         : code == 13 ? uint8_t{156}
                         : code == 14 ? uint8_t{204}
                                      : uint8_t{255}};
}

constexpr CountRange count_range(uint8_t code) {
    return Profile::generation == 2 ? gen2_count_range(code) : gen3_count_range(code);
}

}  // namespace bms
