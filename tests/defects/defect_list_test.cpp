// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/defect_list.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <iterator>
#include <regex>
#include <set>

#include "rig/requirement_list.hpp"
#include "tests/defects/broken_text.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::defects;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

const fs::path project = PROJECT_FOLDER;

std::vector<DefectList> lists() {
    return read_defect_lists(project / "tests/defects");
}

std::set<std::string> ids_in(const std::string& text) {
    static const std::regex id("\"([A-Z]{3}-[0-9]{2})\"");
    std::set<std::string> ids;
    for (std::sregex_iterator at(text.begin(), text.end(), id), end; at != end; ++at)
        ids.insert((*at)[1]);
    return ids;
}

/// In the scripts themselves, and in what they share: lib/profile.lua has the IDs that differ by product.
std::set<std::string> cited_by_acceptance_scripts() {
    std::set<std::string> ids;
    for (const char* folder : {"scripts/acceptance", "scripts/lib"})
        for (const auto& entry : fs::directory_iterator(project / folder))
            ids.merge(ids_in(read_text(entry.path())));
    return ids;
}

std::string refusal_of(const std::string& text) {
    const rig::reports::TemporaryFolder folder;
    write_text(folder / "list.toml", text);
    try {
        read_defects(folder / "list.toml");
    } catch (const DefectError& error) {
        return error.what();
    }
    return "accepted";
}

const std::string head = "schema = 1\nprofile = \"p\"\nfixture = \"f\"\n";
const std::string good =
    "[[defect]]\nname = \"a\"\nfile = \"b\"\nfind = \"c\"\nreplace = \"d\"\nbreaks = [\"RLY-01\"]\n";

}  // namespace

TEST_CASE("every listed defect applies to the project as it is, in exactly one place") {
    REQUIRE_FALSE(lists().empty());
    for (const DefectList& list : lists()) {
        CHECK(fs::is_regular_file(project / list.fixture));
        for (const Defect& defect : list.defects) {
            INFO(list.profile << ": " << defect.name);
            CHECK_NOTHROW(with_defect(defect, read_text(project / defect.file)));
        }
    }
}

TEST_CASE("what a defect breaks are requirements") {
    const rig::RequirementList known = rig::load_requirements(project / "scripts");
    for (const DefectList& list : lists())
        for (const Defect& defect : list.defects)
            for (const std::string& id : defect.breaks) {
                INFO(defect.name << ": " << id);
                CHECK(known.count(id) == 1);
            }
}

TEST_CASE("every requirement that an acceptance script cites is broken by a listed defect") {
    std::set<std::string> broken;
    for (const DefectList& list : lists())
        for (const Defect& defect : list.defects)
            broken.insert(defect.breaks.begin(), defect.breaks.end());
    const std::set<std::string> cited = cited_by_acceptance_scripts();
    REQUIRE(cited.size() > 40);
    std::vector<std::string> missing, unknown;
    std::set_difference(cited.begin(), cited.end(), broken.begin(), broken.end(),
                        std::back_inserter(missing));
    std::set_difference(broken.begin(), broken.end(), cited.begin(), cited.end(),
                        std::back_inserter(unknown));
    CHECK(missing == std::vector<std::string>{});
    CHECK(unknown == std::vector<std::string>{});
}

TEST_CASE("a defect whose place is gone, or no longer the only one, is refused") {
    Defect defect{"n", "firmware/core/x.hpp", "a >= b", "a > b", {"RLY-01"}, {}};
    CHECK(with_defect(defect, "if (a >= b) c();") == "if (a > b) c();");
    CHECK_THROWS_WITH(with_defect(defect, "if (a > b) c();"), Contains("x.hpp does not contain \"a >= b\""));
    CHECK_THROWS_WITH(with_defect(defect, "a >= b, a >= b"), Contains("more than once"));
    defect.find = "aa";
    CHECK_THROWS_WITH(with_defect(defect, "aaa"), Contains("more than once"));
}

TEST_CASE("a list that is not as it must be is refused with file and line") {
    CHECK(refusal_of(head + good) == "accepted");
    CHECK_THAT(refusal_of(good), Contains("schema = 1 is missing"));
    CHECK_THAT(refusal_of(head), Contains("no defects"));
    CHECK_THAT(refusal_of(head + good + good), Contains("list.toml:10: a is listed twice"));
    CHECK_THAT(refusal_of(head + good + "brakes = 1\n"), Contains("list.toml:10: there is no key brakes"));
    CHECK_THAT(refusal_of(head + good + "[[defect]]\nname = \"e\"\n"),
               Contains("list.toml:10: file is missing"));
    CHECK_THAT(refusal_of(head + "[[defect]]\nname = "), Contains("list.toml:5: "));
    const auto changed = [](const std::string& from, const std::string& to) {
        return refusal_of(head + std::regex_replace(good, std::regex(from), to));
    };
    CHECK_THAT(changed("\\[\"RLY-01\"\\]", "[]"), Contains("breaks must be a list of texts"));
    CHECK_THAT(changed("\\[\"RLY-01\"\\]", "[1]"), Contains("breaks must be a list of texts"));
    CHECK(refusal_of(head + good + "profiles = [\"gen2\"]\n") == "accepted");
    CHECK_THAT(refusal_of(head + good + "profiles = []\n"), Contains("profiles must be a list of texts"));
    CHECK_THAT(changed("find = \"c\"", "find = \"\""), Contains("find is empty"));
    CHECK_THAT(changed("find = \"c\"", "find = \"d\""), Contains("find and replace are the same"));
}

TEST_CASE("the lists of a folder are one: no name stands in two of them") {
    const rig::reports::TemporaryFolder folder;
    write_text(folder / "a.toml", head + good);
    write_text(folder / "b.toml", head + std::regex_replace(good, std::regex("\"a\""), "\"e\""));
    CHECK(read_defect_lists(folder / "").size() == 2);
    CHECK(read_defect_lists(folder / "b.toml").at(0).defects.at(0).name == "e");
    write_text(folder / "b.toml", head + good);
    CHECK_THROWS_WITH(read_defect_lists(folder / ""),
                      Contains("b.toml: \"a\" is listed in another file too"));
}
