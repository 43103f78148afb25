// SPDX-License-Identifier: GPL-3.0-or-later
// The end of the line on boards as they were soldered.
#include <catch2/catch.hpp>

#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;

namespace {

/// Values of the checks of a name that begins so.
double largest(const std::vector<reports::TestRecord>& tests, const std::string& begin,
               const std::string& end) {
    double largest = 0.0;
    for (const auto& check : tests.at(0).checks)
        if (check.name.rfind(begin, 0) == 0 && check.name.size() > end.size() &&
            check.name.compare(check.name.size() - end.size(), end.size(), end) == 0)
            largest = std::max(largest, std::abs(check.value.value_or(0.0)));
    return largest;
}

}  // namespace

TEST_CASE("the end-of-line script makes boards as they were soldered good", "[program]") {
    const std::string profile = GENERATE("gen3-hw2", "gen2-out2");
    CAPTURE(profile);
    Program rig;
    const int code = rig.run({"run", "--profile", profile, "scripts/end_of_line"});
    INFO(rig.out << rig.err);
    CHECK(code == 0);
    REQUIRE(rig.stored().size() == 1);
    CHECK(largest(rig.stored(), "after a power cut: cell 4", "error") < 0.02);
}

TEST_CASE("only a test that asks for them gets boards as they were soldered", "[program]") {
    Program rig;
    rig.script("a.lua", R"(
local function worst(bench)
  bench.cells:set_v(3.35)
  for _ = 1, 3 do bench.ext:next() end
  local worst = 0
  for k, cell in ipairs(bench.ext:all_cells()) do worst = math.max(worst, math.abs(cell.v - 3.35)) end
  return worst
end
rig.test("calibrated", {}, function(bench) rig.check("worst cell", worst(bench), { max = 0.02 }) end)
rig.test("not", { uncalibrated = true }, function(bench) rig.check("worst cell", worst(bench), { min = 0.02, max = 0.1 }) end)
rig.test("calibrated too", { uncalibrated = false }, function(bench) rig.check("worst cell", worst(bench), { max = 0.02 }) end))");
    const int code = rig.run({"run", "a.lua"});
    INFO(rig.out << rig.err);
    CHECK(code == 0);
    rig.script("b.lua", "rig.test('x', { uncalibrated = 'yes' }, function() end)");
    CHECK(rig.run({"run", "b.lua"}) == 2);
    CHECK_THAT(rig.out, Catch::Contains("uncalibrated must be true or false"));
}
