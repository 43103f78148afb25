// SPDX-License-Identifier: GPL-3.0-or-later
// `rig trace`, as it is started.
#include <catch2/catch.hpp>

#include "tests/rig/program.hpp"

using namespace rig;
using namespace rig::testing;

TEST_CASE("the matrix shows what a run has proved, and exit code 1 that it is not all", "[program][trace]") {
    Program rig;
    REQUIRE(rig.run({"run", "--proves", "RLY-12", "--filter", "charge relay: allowed"}) == 0);

    CHECK(rig.run({"trace"}) == 1);
    INFO(rig.out << rig.err);
    CHECK_THAT(rig.out, Catch::Contains("gen2-out1   gen2-out2   gen3-hw1    gen3-hw2\n") &&
                            Catch::Contains("\nRLY-17  -           -           unprovable  unprovable\n"));

    CHECK(rig.run({"trace", "--profile", "gen3-hw2", "--id", "RLY-12"}) == 1);
    CHECK_THAT(rig.out, Catch::StartsWith("RLY-12  ") && Catch::Contains("\n  gen3-hw2: not tried\n") &&
                            Catch::Contains("    check   passed    acceptance/relay_contacts.lua:"));
    CHECK(rig.err.empty());

    CHECK(rig.run({"trace", "--profile", "gen3-hw2", "--id", "RLY-17", "--format", "csv"}) == 0);
    CHECK(rig.out ==
          "requirement,profile,state,kind,name,where,verdict,times,run\n"
          "RLY-17,gen3-hw2,\"unprovable\",,,,,,\n");
}

TEST_CASE("what trace cannot work with is one message and exit code 2", "[program][trace]") {
    Program rig;
    CHECK(rig.run({"trace"}) == 2);
    CHECK_THAT(rig.err,
               Catch::Contains("results/rig.sqlite: there is no such results store\n  try     rig run"));
    REQUIRE(rig.run({"run", "--proves", "RLY-12", "--filter", "charge relay: allowed"}) == 0);
    const auto [arguments, message] = GENERATE(table<std::vector<std::string>, std::string>({
        {{"trace", "--id", "RLY-99"}, "--id RLY-99: there is no such requirement"},
        {{"trace", "--profile", "gen4"}, "--profile"},
        {{"trace", "--format", "xml"}, "--format"},
        {{"trace", "--defects", "results/junit.xml"}, "results/junit.xml: holds no results of run_defects"},
    }));
    CHECK(rig.run(arguments) == 2);
    CHECK_THAT(rig.err, Catch::StartsWith("rig: ") && Catch::Contains(message));
    CHECK(rig.out.empty());
}
