// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/trial.hpp"

#include <catch2/catch.hpp>

using namespace rig::defects;

namespace {

const Trial trial{{"v-max-missed", "firmware/core/x.hpp", "a", "b", {"RLY-01", "ALM-01"}, {}},
                  "gen3-hw2",
                  "fixtures/gen3-hw2-4s.toml",
                  {"RLY-01", "ALM-01"}};
const FailedCheck own{"V-max trip, cell 1", "acceptance/charge_relay.lua:26", {"RLY-01"}};
const FailedCheck other{"says \"Vh\"", "acceptance/alarms.lua:9", {"ALM-02"}};

DefectResult result(std::vector<FailedCheck> failed, int errors = 0) {
    return judged(trial, {0.0, false, std::vector<RanTest>(3), errors, std::move(failed), {}});
}

}  // namespace

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
