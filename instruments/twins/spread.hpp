// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace rig {

/// Draws a simulated unit's errors: evenly spread over ±1, the same everywhere
/// for the same seed (the standard library's distributions are not).
class Spread {
public:
    explicit Spread(std::uint64_t seed) : state_(seed) {}

    double next() {
        // splitmix64
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        return static_cast<double>(z >> 11) * 0x1.0p-52 - 1.0;
    }

private:
    std::uint64_t state_;
};

}  // namespace rig
