// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace rig::mutation {

/// The numbers 0 to `count` - 1 in an order that the seed alone decides.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed);

/// Hands out an order's numbers to several workers until so many of them have counted: which ones
/// that are does not depend on who is faster.
class Sample {
public:
    /// `wanted`: 0 is all.
    Sample(std::vector<std::size_t> order, std::size_t wanted) : order_(std::move(order)), wanted_(wanted) {}

    /// Waits while those under way may yet be enough; nullopt: there is no more to do.
    std::optional<std::size_t> next();

    void done(bool counted);

private:
    std::vector<std::size_t> order_;
    std::size_t wanted_, handed_out_ = 0, under_way_ = 0, counted_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
};

}  // namespace rig::mutation
