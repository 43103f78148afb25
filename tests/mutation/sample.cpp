// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/sample.hpp"

#include <numeric>
#include <utility>

namespace rig::mutation {

namespace {

constexpr std::uint64_t splitmix64(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t x = state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

}  // namespace

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Not std::shuffle: it may do otherwise with another standard library.
    for (std::size_t left = count; left > 1; --left)
        std::swap(order[left - 1], order[splitmix64(seed) % left]);
    return order;
}

std::optional<std::size_t> Sample::next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock,
                  [this] { return under_way_ == 0 || wanted_ == 0 || counted_ + under_way_ < wanted_; });
    const bool enough = wanted_ != 0 && counted_ >= wanted_;
    if (enough || handed_out_ == order_.size()) return std::nullopt;
    ++under_way_;
    return order_[handed_out_++];
}

void Sample::done(bool counted) {
    const std::lock_guard<std::mutex> lock(mutex_);
    --under_way_;
    counted_ += counted;
    changed_.notify_all();
}

}  // namespace rig::mutation
