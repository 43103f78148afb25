// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/sample.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

using namespace rig::mutation;

TEST_CASE("a seed decides the order, and every number comes once", "[mutation]") {
    const auto order = shuffled(100, 7);
    CHECK(order == shuffled(100, 7));
    CHECK(order != shuffled(100, 8));
    auto sorted = order;
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted.front() == 0);
    CHECK(sorted.back() == 99);
    CHECK(std::unique(sorted.begin(), sorted.end()) == sorted.end());
    // Pinned: a sample that was reported can be drawn again elsewhere.
    CHECK(shuffled(5, 1) == std::vector<std::size_t>{2, 1, 4, 3, 0});
}

TEST_CASE("those that do not count make room for others", "[mutation]") {
    Sample sample({4, 2, 0, 1, 3}, 2);
    CHECK(sample.next() == 4U);
    CHECK(sample.next() == 2U);
    sample.done(true);
    std::thread other([&] { sample.done(false); });
    CHECK(sample.next() == 0U);  // waits until the second is known not to count
    other.join();
    sample.done(true);
    CHECK_FALSE(sample.next());
}

TEST_CASE("without a wanted number all are handed out", "[mutation]") {
    Sample sample({0, 1}, 0);
    CHECK(sample.next() == 0U);
    CHECK(sample.next() == 1U);
    sample.done(true);
    sample.done(true);
    CHECK_FALSE(sample.next());
}
