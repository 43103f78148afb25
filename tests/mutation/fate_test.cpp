// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/fate.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/reports/temporary_folder.hpp"

using namespace rig::mutation;

namespace {

Tried tried(Fate fate) {
    Tried made;
    made.mutant = mutants_of("firmware/core/x.hpp", "bool f(int a) { return a < 10; }\n").at(1);
    made.fate = fate;
    made.profiles = {"gen3-hw2"};
    made.cpu_s = 2.04;
    return made;
}

}  // namespace

TEST_CASE("the share caught leaves out what is no change and what does not build", "[mutation]") {
    const std::vector<Tried> all{tried(Fate::caught),     tried(Fate::timed_out), tried(Fate::survived),
                                 tried(Fate::equivalent), tried(Fate::harmless),  tried(Fate::not_built),
                                 tried(Fate::caught)};
    CHECK(share_caught(all) == Approx(0.75));
    CHECK(share_caught({}) == 1.0);
    std::ostringstream out;
    print_summary(out, all);
    CHECK(out.str() ==
          "\nsurvivors\n"
          "SURVIVED    firmware/core/x.hpp:1  comparison shifted  (gen3-hw2, 2.0 s)\n"
          "    was  bool f(int a) { return a < 10; }\n"
          "    is   bool f(int a) { return a <= 10; }\n"
          "\n4 mutants: 2 caught, 1 timed out, 1 survived: 75.0 % caught\n"
          "not counted: 1 change no image, 1 change nothing that a board does, 1 do not build\n"
          "  try     a check that fails for each, or say why it cannot matter: tests/mutation/README.md\n");
}

TEST_CASE("what was tried is kept by the mutant's name, the last of each", "[mutation]") {
    const rig::reports::TemporaryFolder folder;
    const auto file = folder / "results/mutants.jsonl";
    CHECK(read_kept(file).empty());
    keep(file, tried(Fate::survived));
    Tried last = tried(Fate::caught);
    last.test = "a \"test\"";
    last.of = "state";
    keep(file, last);
    std::ofstream(file, std::ios::app) << "{\"mutant\": \"half";
    const Kept kept = read_kept(file);
    REQUIRE(kept.size() == 1);
    const Tried& read = kept.at(last.mutant.name());
    CHECK(read.fate == Fate::caught);
    CHECK(read.test == last.test);
    CHECK(read.of == "state");
    CHECK(read.cpu_s == Approx(2.04));
}
