// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

namespace bms {

/// Text that is put together within a fixed room.
class AppText {
public:
    static constexpr uint8_t room = 96;

    void put(char character) {
        if (length_ < room) characters_[length_++] = character;
    }
    void put(const char* text) {
        while (*text != '\0')
            put(*text++);
    }
    void put_hex(uint16_t value, uint8_t digits) {
        while (digits-- > 0) {
            const uint8_t nibble = static_cast<uint8_t>((value >> (4 * digits)) & 0xF);
            put(static_cast<char>(nibble < 10 ? '0' + nibble : 'A' + nibble - 10));
        }
    }
    void clear() { length_ = 0; }

    const char* characters() const { return characters_; }
    uint8_t length() const { return length_; }

private:
    char characters_[room];
    uint8_t length_ = 0;
};

}  // namespace bms
