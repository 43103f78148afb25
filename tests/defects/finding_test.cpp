// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/finding.hpp"

#include <catch2/catch.hpp>
#include <sstream>

using namespace rig::defects;
using Catch::Matchers::Contains;

namespace {

const Defect defect{"v-max-missed", "firmware/core/x.hpp", "a", "b", {"RLY-01", "ALM-01"}};
const FailedCheck own{"V-max trip, cell 1", "acceptance/charge_relay.lua:26", {"RLY-01"}};
const FailedCheck other{"says \"Vh\"", "acceptance/alarms.lua:9", {"ALM-02"}};

Finding finding(std::vector<FailedCheck> failed) {
    return {defect, {3, 0, std::move(failed)}, ""};
}

int summed_up(const std::vector<Finding>& findings, std::string& text) {
    std::ostringstream out;
    const int code = print_summary(out, findings);
    text = out.str();
    return code;
}

}  // namespace

TEST_CASE("a defect is caught only by a failed check of a requirement that it breaks") {
    CHECK(finding({}).verdict() == rig::defects::Verdict::survived);
    CHECK(finding({other}).verdict() == rig::defects::Verdict::elsewhere);
    CHECK(finding({other, own}).verdict() == rig::defects::Verdict::caught);
    CHECK(Finding{defect, {3, 3, {}}, ""}.verdict() == rig::defects::Verdict::survived);
    CHECK(Finding{defect, {}, "does not build"}.verdict() == rig::defects::Verdict::not_tried);
}

TEST_CASE("the check shown first is one of a requirement that the defect breaks") {
    std::ostringstream out;
    print_finding(out, finding({other, own}));
    CHECK(out.str() ==
          "caught     v-max-missed  (breaks RLY-01 ALM-01)\n"
          "           2 checks failed, first acceptance/charge_relay.lua:26 \"V-max trip, cell 1\"\n"
          "           ALM-02 RLY-01\n");
}

TEST_CASE("firmware that keeps the bench from a verdict is shown as such, and is not caught by that") {
    std::ostringstream out;
    print_finding(out, {defect, {3, 2, {}}, ""});
    CHECK(out.str() ==
          "SURVIVED   v-max-missed  (breaks RLY-01 ALM-01)\n"
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
    CHECK(summed_up({finding({}), {defect, {}, "does not build"}}, text) == 2);
    CHECK_THAT(text, Contains("1 not tried") && Contains("what the compiler says"));
}

TEST_CASE("a requirement that no check turned red for is named, though its defects were caught") {
    std::string text;
    CHECK(summed_up({finding({own}), finding({other})}, text) == 1);
    CHECK_THAT(text, Contains("no check turned red for ALM-01\n"));
    // A check of that requirement, red for a defect that does not break it, shows nothing.
    Finding unrelated = finding({{"c", "d", {"ALM-01"}}});
    unrelated.defect.breaks = {"RLY-01"};
    CHECK(summed_up({finding({own}), unrelated}, text) == 1);
    CHECK_THAT(text, Contains("no check turned red for ALM-01\n"));
}

TEST_CASE("the table quotes what a spreadsheet would trip over") {
    std::ostringstream out;
    write_csv(out, {finding({other})});
    CHECK(out.str() ==
          "defect,file,breaks,verdict,failed checks,tests without verdict,cited,first check,line\n"
          "\"v-max-missed\",\"firmware/core/x.hpp\",\"RLY-01 ALM-01\",\"ELSEWHERE\",1,0,\"ALM-02\","
          "\"says \"\"Vh\"\"\",\"acceptance/alarms.lua:9\"\n");
}
