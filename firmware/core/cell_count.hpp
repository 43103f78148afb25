// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/count_range.hpp"

namespace bms {

/// Decides how many cells the pack has, from the hops of good messages. A count is accepted
/// after power-up or after the switches were changed, and then it must stay.
class CellCount {
public:
    static constexpr uint8_t messages_to_accept = 3;

    enum class Verdict : uint8_t { gathering, fits, wrong };

    Verdict update(uint8_t hops, uint8_t range_code) {
        if (range_code != range_code_) {
            range_code_ = range_code;
            forget();
        }
        if (!count_range(range_code).holds(hops)) {
            same_ = 0;
            return Verdict::wrong;
        }
        if (accepted_ != 0) return hops == accepted_ ? Verdict::fits : Verdict::wrong;
        same_ = hops == candidate_ ? static_cast<uint8_t>(same_ + 1) : uint8_t{1};
        candidate_ = hops;
        if (same_ < messages_to_accept) return Verdict::gathering;
        accepted_ = hops;
        return Verdict::fits;
    }

private:
    void forget() {
        accepted_ = 0;
        same_ = 0;
    }

    uint8_t accepted_{}, candidate_{}, same_{}, range_code_{};
};

}  // namespace bms
