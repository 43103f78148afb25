// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/count_range.hpp"
#include "firmware/core/switches.hpp"

namespace bms {

/// What the installer has told the first board, which tells all others.
struct Announcement {
    uint8_t config = 0;            ///< as in ChainFrame
    uint16_t balance_voltage = 0;  ///< 5 mV; 0: no balancing
    uint8_t most_cells = 2;        ///< that the configured number allows
    bool fast = false;             ///< two messages per second
    bool settings_lost = false;    ///< the hidden ones are known no more
};

inline Announcement announcement(const Gen3Switches& switches) {
    Announcement told;
    told.config = switches.count_range_code();
    told.balance_voltage = switches.balance_voltage();
    told.most_cells = gen3_count_range(switches.count_range_code()).most;
    return told;
}

}  // namespace bms
