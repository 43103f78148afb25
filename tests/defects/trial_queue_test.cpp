// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/trial_queue.hpp"

#include <catch2/catch.hpp>
#include <thread>

using namespace rig;
using namespace rig::defects;

namespace {

const RequirementList requirements{{"RLY-01", {{}, "", "for all", "", ""}},
                                   {"RLY-13", {{"gen2-out2"}, "", "for one", "", ""}},
                                   {"SOC-03", {{"gen3-hw2"}, "", "for another", "", ""}}};

Defect breaking(std::vector<std::string> ids) {
    return {"d", "firmware/core/x.hpp", "a", "b", std::move(ids), {}};
}

/// Profile and broken requirements of each trial of one defect of gen3-hw2's list.
std::vector<std::string> tried(const Defect& defect,
                               const std::string& fixture = "fixtures/gen3-hw2-4s.toml") {
    std::vector<std::string> shown;
    for (const Trial& trial :
         trials_of({{"gen3-hw2", fixture, {defect}}}, requirements, {"gen2-out1", "gen2-out2", "gen3-hw2"})) {
        std::string line = trial.profile;
        for (const std::string& id : trial.breaks)
            line += " " + id;
        shown.push_back(line);
    }
    return shown;
}

using Lines = std::vector<std::string>;

DefectResult red(std::vector<std::string> ids) {
    DefectResult result;
    for (const std::string& id : ids)
        result.red[id] = {"check", "a.lua:1"};
    return result;
}

}  // namespace

TEST_CASE("a defect is tried on every profile that what it breaks applies to") {
    CHECK(tried(breaking({"RLY-01"})) == Lines{"gen2-out1 RLY-01", "gen2-out2 RLY-01", "gen3-hw2 RLY-01"});
    CHECK(tried(breaking({"RLY-01", "RLY-13"})) ==
          Lines{"gen2-out1 RLY-01", "gen2-out2 RLY-01 RLY-13", "gen3-hw2 RLY-01"});
    CHECK(tried(breaking({"SOC-03"})) == Lines{"gen3-hw2 SOC-03"});
    CHECK_THROWS_WITH(tried(breaking({"RLY-99"})), Catch::Contains("breaks RLY-99, which is no requirement"));
}

TEST_CASE("a defect that names profiles, or was made for a bench of its own, stays there") {
    Defect defect = breaking({"RLY-01"});
    CHECK(tried(defect, "fixtures/gen3-hw2-4s-isolated.toml") == Lines{"gen3-hw2 RLY-01"});
    defect.profiles = {"gen2"};
    CHECK(tried(defect) == Lines{"gen2-out1 RLY-01", "gen2-out2 RLY-01"});
    defect.profiles = {};
    defect.file = "fixtures/gen3-hw2-4s.toml";
    CHECK(tried(defect) == Lines{"gen3-hw2 RLY-01"});
}

TEST_CASE("to cover the requirements no more trials are made than it takes") {
    const std::vector<Trial> trials{{breaking({}), "p", "f", {"A"}},
                                    {breaking({}), "p", "f", {"A", "B"}},
                                    {breaking({}), "p", "f", {"B"}},
                                    {breaking({}), "q", "f", {"A"}}};
    TrialQueue queue(trials, true);
    REQUIRE(queue.next() == 1U);
    REQUIRE(queue.next() == 3U);

    SECTION("all seen red: done") {
        queue.done(1, red({"A", "B"}));
        queue.done(3, red({"A"}));
        CHECK_FALSE(queue.next());
    }
    SECTION("one not seen: the next that could show it") {
        queue.done(1, red({"B"}));
        queue.done(3, red({"A"}));
        CHECK(queue.next() == 0U);
        queue.done(0, red({}));
        CHECK_FALSE(queue.next());
    }
    SECTION("a worker without work waits for what another finds") {
        queue.done(3, red({"A"}));
        std::thread other([&] { queue.done(1, red({"A"})); });
        CHECK(queue.next() == 2U);
        other.join();
    }
}

TEST_CASE("otherwise every trial is made, once") {
    const std::vector<Trial> trials{{breaking({}), "p", "f", {"A"}}, {breaking({}), "p", "f", {"A"}}};
    TrialQueue queue(trials, false);
    queue.done(0, red({"A"}));
    CHECK(queue.next() == 1U);
    CHECK_FALSE(queue.next());
}
