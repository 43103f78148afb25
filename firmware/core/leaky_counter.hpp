// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// Debounces a condition over messages: +2 for one beyond the threshold, -1 for one inside,
/// acts at 2n. One outlier does nothing; a value that alternates across the threshold still acts.
template <uint8_t n>
class LeakyCounter {
public:
    /// `weight`: how many messages this one stands for.
    void update(bool beyond, uint8_t weight = 1) {
        if (beyond)
            level_ = level_ + 2 * weight < acts_at ? static_cast<uint8_t>(level_ + 2 * weight) : acts_at;
        else
            level_ = level_ > weight ? static_cast<uint8_t>(level_ - weight) : uint8_t{0};
        if (level_ == acts_at) active_ = true;
        if (level_ == 0) active_ = false;
    }

    /// Right now at the top: the last message was beyond, and enough before it.
    bool full() const { return level_ == acts_at; }

    /// From the top until empty again.
    bool active() const { return active_; }

private:
    static constexpr uint8_t acts_at = 2 * n;
    uint8_t level_{};
    bool active_ = false;
};

}  // namespace bms
