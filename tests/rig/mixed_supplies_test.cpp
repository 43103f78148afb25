// SPDX-License-Identifier: GPL-3.0-or-later
// A pack on supplies of several makes.
#include <catch2/catch.hpp>

#include "rig/open_bench.hpp"
#include "rig/take_up.hpp"
#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;
using Catch::Matchers::Contains;

namespace {

Fixture desk(const std::string& more = "") {
    const Folder folder;
    return load_fixture(folder.write("desk.toml",
                                     "schema = 1\nprofile = \"gen3-hw2\"\n[pack]\ncells = 5\n[cells]\n"
                                     "[[cells.unit]]\nchannels = 2\n"
                                     "[[cells.unit]]\ndialect = \"rigol-dp800\"\n"
                                     "[[cells.unit]]\ndriver = \"korad-ka3005p\"\nover_voltage_v = 4.6\n"
                                     "[[cells.unit]]\ndriver = \"riden-rd60xx\"\n" +
                                         more));
}

}  // namespace

TEST_CASE("each cell stands on its own unit, which is told in its own language", "[rig][rack]") {
    const Fixture fixture = desk();
    const auto bench = open_bench(fixture, ProjectFolder::find(), 1);
    CHECK(take_up(*bench, fixture).empty());
    REQUIRE(bench->cells.size() == 5);
    for (CellSupply* cell : bench->cells)
        CHECK(cell->measure_voltage().get().value == Approx(3.3).margin(0.03));
    CHECK(bench->instrument_of.at("cell[2]") == "cell supply 1");
    CHECK(bench->instrument_of.at("cell[3]") == "cell supply 2");
    CHECK(bench->instrument_of.at("cell[5]") == "cell supply 4");
    CHECK(bench->instruments.at(1).answer.find("DP8") != std::string::npos);
    bench->make_safe();
}

TEST_CASE("a unit that cannot do what its fixture asks is named by its make", "[rig][rack]") {
    CHECK_THROWS_WITH(open_bench(desk("watchdog_s = 5\n"), ProjectFolder::find(), 1),
                      Contains("watchdog_s: a riden-rd60xx cannot do that"));
    CHECK_THROWS_WITH(open_bench(desk("channels = 2\n"), ProjectFolder::find(), 1),
                      Contains("[[cells.unit]] channels = 2: riden-rd60xx has 1\n  allowed  1 to 1"));
}
