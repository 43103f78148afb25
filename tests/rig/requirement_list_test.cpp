// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/requirement_list.hpp"

#include <catch2/catch.hpp>

#include "fixtures/fixture_error.hpp"
#include "tests/rig/script_on_fake.hpp"

using namespace rig;
using rig::testing::Folder;

namespace {

const std::string none = "schema = 1\n[unprovable]\n";

RequirementList loaded(const std::string& rows, const std::string& unprovable = none) {
    const Folder folder;
    folder.write("requirements.toml", "schema = 1\n[requirements]\n" + rows);
    folder.write("unprovable.toml", unprovable);
    return load_requirements(folder.path);
}

}  // namespace

TEST_CASE("every row of the project's requirements is there", "[requirements]") {
    const RequirementList list = load_requirements(std::filesystem::path(RIG_SOURCE) / "scripts");
    CHECK(list.size() == 146);
    CHECK(list.at("RLY-13").profiles == std::vector<std::string>{"gen2-out2"});
    CHECK(list.at("RLY-08").mode == "critical");
    CHECK(list.at("DEC-28").unprovable.empty());
    CHECK_FALSE(list.at("RLY-17").unprovable.empty());
    CHECK(list.at("RLY-17").part.empty());
    CHECK(list.at("APP-05").part == "the colours");
}

TEST_CASE("a row without profiles applies to all, one that a bench cannot show says why", "[requirements]") {
    const RequirementList list =
        loaded("A-01 = { text = \"a\" }\nA-02 = { profiles = [\"gen2\"], mode = \"normal\", text = \"b\" }\n",
               none + "A-02 = { reason = \"no eyes\" }\n");
    CHECK(list.at("A-01").profiles.empty());
    CHECK(list.at("A-01").unprovable.empty());
    CHECK(list.at("A-02").profiles == std::vector<std::string>{"gen2"});
    CHECK(list.at("A-02").unprovable == "no eyes");
    CHECK(applies(list.at("A-01"), "gen3-hw2"));
    CHECK(applies(list.at("A-02"), "gen2-out1"));
    CHECK_FALSE(applies(list.at("A-02"), "gen3-hw1"));
}

TEST_CASE("a row that is not as it must be is refused with file and line", "[requirements]") {
    const auto [rows, unprovable, message] = GENERATE(table<std::string, std::string, std::string>({
        {"A-01 = { }\n", none, "requirements.toml:3: [requirements.A-01] text is missing"},
        {"A-01 = { text = \"\" }\n", none, "requirements.toml:3: [requirements.A-01] text is empty"},
        {"A-01 = { text = \"a\", profiles = [\"gen4\"] }\n", none,
         "requirements.toml:3: [requirements.A-01] profiles names \"gen4\""},
        {"A-01 = { text = \"a\", mod = 1 }\n", none, "mod is not known"},
        {"A-01 = { text = \"a\", mode = \"odd\" }\n", none, "normal, critical"},
        {"A-01 = { text = \"a\" }\n", none + "A-02 = { reason = \"b\" }\n",
         "unprovable.toml:3: [unprovable] A-02 is no requirement"},
        {"A-01 = { text = \"a\" }\n", none + "A-01 = { }\n", "reason is missing"},
    }));
    CAPTURE(rows, unprovable);
    CHECK_THROWS_WITH(loaded(rows, unprovable), Catch::Contains(message));
}
