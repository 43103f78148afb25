// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/finding.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/defects/sample_trial.hpp"

using namespace rig::defects;
using Catch::Matchers::Contains;

namespace {

Finding finding(std::vector<FailedCheck> failed, int errors = 0) {
    return {trial, result(std::move(failed), errors), false};
}

Finding not_tried() {
    Finding made = finding({});
    made.result.verdict = Verdict::not_tried;
    made.result.trouble = "does not build";
    return made;
}

std::string printed(const Finding& finding) {
    std::ostringstream out;
    print_finding(out, finding);
    return out.str();
}

int summed_up(const std::vector<Finding>& findings, std::string& text) {
    std::ostringstream out;
    const int code = print_summary(out, findings);
    text = out.str();
    return code;
}

}  // namespace

TEST_CASE("the check shown is one of a requirement that the defect breaks, if there is one") {
    CHECK(printed(finding({other, own})) ==
          "caught     gen3-hw2  v-max-missed  (breaks RLY-01 ALM-01)\n"
          "           acceptance/charge_relay.lua:26 \"V-max trip, cell 1\", RLY-01\n");
    CHECK(printed(finding({other})) ==
          "ELSEWHERE  gen3-hw2  v-max-missed  (breaks RLY-01 ALM-01)\n"
          "           acceptance/alarms.lua:9 \"says \"Vh\"\"\n");
    Finding kept = finding({own});
    kept.kept = true;
    CHECK_THAT(printed(kept), Contains("(breaks RLY-01 ALM-01)  as before\n"));
}

TEST_CASE("firmware that keeps the bench from a verdict is shown as such, and is not caught by that") {
    CHECK(printed(finding({}, 2)) ==
          "SURVIVED   gen3-hw2  v-max-missed  (breaks RLY-01 ALM-01)\n"
          "           2 of 3 tests ended without a verdict\n");
}

TEST_CASE("the exit code tells all caught, not all caught, not all tried") {
    std::string text;
    const FailedCheck both{"both", "acceptance/x.lua:1", {"RLY-01", "ALM-01"}};
    CHECK(summed_up({finding({both})}, text) == 0);
    CHECK(text == "1 of 1 defects caught, 0 elsewhere only, 0 survived, 0 not tried\n");
    CHECK(summed_up({finding({own}), finding({other})}, text) == 1);
    CHECK(summed_up({finding({own}), finding({})}, text) == 1);
    CHECK_THAT(text, Contains("1 survived") && Contains("a check in scripts/acceptance"));
    CHECK(summed_up({finding({}), not_tried()}, text) == 2);
    CHECK_THAT(text, Contains("1 not tried") && Contains("what the compiler says"));
}

TEST_CASE("a defect that changes nothing in a profile's images counts neither way") {
    std::string text;
    Finding absent = finding({});
    absent.result.verdict = Verdict::absent;
    const FailedCheck both{"both", "acceptance/x.lua:1", {"RLY-01", "ALM-01"}};
    CHECK(summed_up({finding({both}), absent}, text) == 0);
    CHECK_THAT(text, Contains("1 of 1 defects caught") && Contains("1 change nothing in these images"));
}

TEST_CASE(
    "a requirement that no check turned red for is named with its profile, though its defects were caught") {
    std::string text;
    CHECK(summed_up({finding({own})}, text) == 1);
    CHECK_THAT(text, Contains("gen3-hw2: no check turned red for ALM-01\n"));
    Finding elsewhere = finding({{"both", "acceptance/x.lua:1", {"RLY-01", "ALM-01"}}});
    elsewhere.trial.profile = "gen3-hw1";
    CHECK(summed_up({finding({own}), elsewhere}, text) == 1);
    CHECK_THAT(text, Contains("gen3-hw2: no check turned red for ALM-01\n"));
}

TEST_CASE("the table quotes what a spreadsheet would trip over") {
    std::ostringstream out;
    write_csv(out, {finding({other})});
    CHECK(out.str() ==
          "profile,defect,file,breaks,verdict,red,check,line,tests without verdict\n"
          "gen3-hw2,\"v-max-missed\",\"firmware/core/x.hpp\",\"RLY-01 ALM-01\",\"ELSEWHERE\",\"\","
          "\"says \"\"Vh\"\"\",\"acceptance/alarms.lua:9\",0\n");
}
