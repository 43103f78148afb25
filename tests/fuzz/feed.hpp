// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace rig::fuzz {

/// A fuzzer's bytes, taken from the front; zeros once they are used up.
class Feed {
public:
    Feed(const std::uint8_t* bytes, std::size_t size) : at_(bytes), end_(bytes + size) {}

    bool empty() const { return at_ == end_; }
    std::uint8_t byte() { return empty() ? std::uint8_t{0} : *at_++; }
    std::uint16_t word() {
        const auto high = byte();
        return static_cast<std::uint16_t>(high << 8 | byte());
    }

private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

/// What must hold whatever comes in: an exception that nobody catches ends a fuzzer, and fails a test.
inline void require(bool holds, const std::string& claim) {
    if (!holds) throw std::logic_error("does not hold: " + claim);
}

}  // namespace rig::fuzz
