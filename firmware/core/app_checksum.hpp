// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// The checksum of an answer on the app link: low 8 bits of the sum of its characters,
/// without the separators and without the checksum itself.
class AppChecksum {
public:
    static constexpr char separator = '_';

    void add(char character) {
        if (character != separator) sum_ = static_cast<uint8_t>(sum_ + static_cast<uint8_t>(character));
    }
    uint8_t value() const { return sum_; }

private:
    uint8_t sum_ = 0;
};

inline uint8_t app_checksum(const char* characters, uint8_t length) {
    AppChecksum sum;
    for (uint8_t i = 0; i < length; ++i)
        sum.add(characters[i]);
    return sum.value();
}

}  // namespace bms
