// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/leaky_counter.hpp"

#include <catch2/catch.hpp>

namespace {
template <typename Counter>
void feed(Counter& counter, const char* messages) {
    for (; *messages; ++messages)
        counter.update(*messages == '!');
}
}  // namespace

TEST_CASE("a debounced condition acts with its n-th message in a row", "[firmware][debounce]") {
    bms::LeakyCounter<3> counter;
    feed(counter, "!!");
    CHECK_FALSE(counter.active());
    feed(counter, "!");
    CHECK(counter.active());
}

TEST_CASE("one outlier does nothing", "[firmware][debounce]") {
    bms::LeakyCounter<2> counter;
    feed(counter, "!..!..!..!..");
    CHECK_FALSE(counter.active());
}

TEST_CASE("a value that alternates across the threshold still acts", "[firmware][debounce]") {
    bms::LeakyCounter<5> counter;
    feed(counter, "!.!.!.!.!.!.!.!.!");
    CHECK(counter.active());
}

TEST_CASE("a condition that has acted ends once it has been clear for as long as it may count",
          "[firmware][debounce]") {
    bms::LeakyCounter<2> counter;
    feed(counter, "!!!!!!...");
    CHECK(counter.active());
    CHECK_FALSE(counter.full());
    feed(counter, ".");
    CHECK_FALSE(counter.active());
}
