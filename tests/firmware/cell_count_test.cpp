// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/cell_count.hpp"

#include <catch2/catch.hpp>

using Verdict = bms::CellCount::Verdict;

TEST_CASE("a count is accepted with its third message", "[firmware][count]") {
    bms::CellCount count;
    CHECK(count.update(4, 0) == Verdict::gathering);
    CHECK(count.update(4, 0) == Verdict::gathering);
    CHECK(count.update(4, 0) == Verdict::fits);

    SECTION("and must stay") {
        CHECK(count.update(3, 0) == Verdict::wrong);
        CHECK(count.update(3, 0) == Verdict::wrong);
        CHECK(count.update(3, 0) == Verdict::wrong);
        CHECK(count.update(4, 0) == Verdict::fits);
    }
    SECTION("until the switches are changed") {
        CHECK(count.update(5, 1) == Verdict::gathering);
        CHECK(count.update(5, 1) == Verdict::gathering);
        CHECK(count.update(5, 1) == Verdict::fits);
    }
}

TEST_CASE("a count outside the configured range is wrong at once", "[firmware][count]") {
    bms::CellCount count;
    CHECK(count.update(5, 0) == Verdict::wrong);
    CHECK(count.update(1, 0) == Verdict::wrong);
    CHECK(count.update(4, 1) == Verdict::wrong);
}

TEST_CASE("counts that differ are not added up", "[firmware][count]") {
    bms::CellCount count;
    for (int i = 0; i < 5; ++i) {
        CHECK(count.update(3, 0) == Verdict::gathering);
        CHECK(count.update(4, 0) == Verdict::gathering);
    }
}
