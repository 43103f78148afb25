// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// Decides when a board burns off its cell's surplus. Knows no pins.
class Balancing {
public:
    /// Feed one reading, taken with the bypass paused, and the balance voltage that the last
    /// valid message carried (0: none yet, or none wanted). True means: conduct.
    bool update(uint16_t cell_mv, uint16_t balance_mv, int16_t board_decidegrees) {
        if (board_decidegrees >= hot_decidegrees) hot_ = true;
        if (board_decidegrees < cool_decidegrees) hot_ = false;
        if (hot_ || balance_mv == 0 || cell_mv <= balance_mv)
            conducting_ = false;
        else if (cell_mv > balance_mv + hysteresis_mv)
            conducting_ = true;
        return conducting_;
    }

    void stop() { conducting_ = false; }
    bool conducting() const { return conducting_; }
    bool hot() const { return hot_; }

private:
    static constexpr uint16_t hysteresis_mv = 10;
    static constexpr int16_t hot_decidegrees = 850, cool_decidegrees = 750;
    bool hot_ = false;
    bool conducting_{};
};

}  // namespace bms
