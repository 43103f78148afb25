// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// Tells a new message from one that came before: a repeated frame says nothing new and must
/// not count again.
class FreshMessages {
public:
    bool fresh(uint8_t sequence) {
        if (any_ && sequence == last_) return false;
        any_ = true;
        last_ = sequence;
        return true;
    }

private:
    uint8_t last_{};
    bool any_ = false;
};

}  // namespace bms
