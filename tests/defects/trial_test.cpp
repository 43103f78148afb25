// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/trial.hpp"

#include <catch2/catch.hpp>

#include "tests/defects/sample_trial.hpp"

using namespace rig::defects;

TEST_CASE("a defect is caught only by a failed check of a requirement that it breaks") {
    CHECK(result({}).verdict == Verdict::survived);
    CHECK(result({other}).verdict == Verdict::elsewhere);
    CHECK(result({other, own}).verdict == Verdict::caught);
    CHECK(result({}, 3).verdict == Verdict::survived);
}

TEST_CASE("a requirement is red by the first check that cites it, and only if the defect breaks it") {
    const FailedCheck later{"V-max trip, cell 2", "acceptance/charge_relay.lua:30", {"RLY-01", "ALM-02"}};
    const DefectResult caught = result({other, own, later});
    REQUIRE(caught.red.size() == 1);
    CHECK(caught.red.at("RLY-01").script_line == own.script_line);
    CHECK(caught.first.script_line == other.script_line);
}
