// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/balancing.hpp"

#include <catch2/catch.hpp>

TEST_CASE("a cell above the balance voltage is burnt off, at or below it is not", "[firmware][balancing]") {
    bms::Balancing balancing;
    CHECK_FALSE(balancing.update(3400, 3400, 250));
    CHECK_FALSE(balancing.update(3410, 3400, 250));
    CHECK(balancing.update(3411, 3400, 250));
    CHECK(balancing.update(3401, 3400, 250));
    CHECK_FALSE(balancing.update(3400, 3400, 250));
}

TEST_CASE("without a balance voltage nothing is burnt off", "[firmware][balancing]") {
    bms::Balancing balancing;
    CHECK_FALSE(balancing.update(4900, 0, 250));
}

TEST_CASE("a hot board stops balancing however full its cell is", "[firmware][balancing]") {
    bms::Balancing balancing;
    REQUIRE(balancing.update(3650, 3400, 849));

    CHECK_FALSE(balancing.update(3650, 3400, 850));
    CHECK_FALSE(balancing.update(3650, 3400, 750));

    SECTION("and resumes once cool") {
        CHECK(balancing.update(3650, 3400, 749));
    }
}
