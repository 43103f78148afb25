// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/fingerprint.hpp"

#include <catch2/catch.hpp>

#include "rig/trace/defect_results.hpp"
#include "tests/defects/broken_text.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::defects;

namespace {

namespace fs = std::filesystem;

/// A project of one file each.
struct SmallProject {
    SmallProject() {
        write("firmware/core/x.hpp", "int a; // one\n");
        write("firmware/README.md", "read me");
        write("fixtures/base.toml", "schema = 1\n");
        write("fixtures/bench.toml", "schema = 1\nextends = \"base\"\n");
        write("fixtures/limits/p.toml", "schema = 1\n");
        write("scripts/lib/packs.lua", "return {}");
        write("scripts/acceptance/one.lua", "-- one");
        write("scripts/acceptance/two.lua", "-- two");
        result.profile = "p";
        result.defect = "d";
        result.verdict = Verdict::caught;
        result.red["RLY-01"] = {"trip", "acceptance/one.lua:3"};
        sign(result, defect, "fixtures/bench.toml", ProjectState(root));
    }

    void write(const std::string& name, const std::string& text) {
        const fs::path file = folder / name;
        fs::create_directories(file.parent_path());
        write_text(file, text);
    }

    std::string changed() const {
        return changed_since(result, defect, "fixtures/bench.toml", ProjectState(root));
    }

    rig::reports::TemporaryFolder folder;
    fs::path root = folder / "";
    Defect defect{"d", "firmware/core/x.hpp", "a", "b", {"RLY-01"}, {}};
    DefectResult result;
};

}  // namespace

TEST_CASE("a result holds until what it is about changes") {
    SmallProject project;
    CHECK(project.changed().empty());
    SECTION("comments and what is read by people change nothing") {
        project.write("firmware/core/x.hpp", "/* two */ int a;\n");
        project.write("firmware/README.md", "do read me");
        CHECK(project.changed().empty());
    }
    SECTION("the firmware") {
        project.write("firmware/core/x.hpp", "int b;\n");
        CHECK(project.changed() == "the firmware");
    }
    SECTION("the defect") {
        project.defect.replace = "c";
        CHECK(project.changed() == "the defect");
    }
    SECTION("the fixture, or the file that it builds on") {
        project.write("fixtures/base.toml", "schema = 1\nname = \"x\"\n");
        CHECK(project.changed() == "fixture or limits");
    }
    SECTION("the limits") {
        project.write("fixtures/limits/p.toml", "schema = 1\n[limits]\n");
        CHECK(project.changed() == "fixture or limits");
    }
    SECTION("the script that turned red, and no other") {
        project.write("scripts/acceptance/two.lua", "-- changed");
        CHECK(project.changed().empty());
        project.write("scripts/acceptance/one.lua", "-- changed");
        CHECK(project.changed() == "scripts");
    }
    SECTION("the library") {
        project.write("scripts/lib/packs.lua", "return { }");
        CHECK(project.changed() == "scripts");
    }
}

TEST_CASE("a defect that survived may be caught by any script that changes") {
    SmallProject project;
    project.result.verdict = Verdict::survived;
    project.result.red.clear();
    sign(project.result, project.defect, "fixtures/bench.toml", ProjectState(project.root));
    CHECK(project.changed().empty());
    project.write("scripts/acceptance/three.lua", "-- new");
    CHECK(project.changed() == "scripts");
}

TEST_CASE("source without comments keeps what strings and characters hold") {
    CHECK(bare_source("a // b\nc /* d */ e") == "a c e");
    CHECK(bare_source("\"// no\" '\"' // yes\n x") == "\"// no\" '\"' x");
    CHECK(bare_source("1'000'000 // n\n'/'") == "1'000'000 '/'");
    CHECK(bare_source("\"\\\"//\" b") == "\"\\\"//\" b");
}

TEST_CASE("results are kept line by line, and the last of a defect counts") {
    SmallProject project;
    const fs::path file = project.folder / "results/defects.jsonl";
    CHECK(read_defect_results(file).empty());
    DefectResult result = project.result;
    add_defect_result(file, result);
    result.verdict = Verdict::not_tried;
    result.red.clear();
    result.trouble = "says \"no\"\nand why";
    add_defect_result(file, result);
    result.defect = "another";
    result.first = {"check", "b.lua:2"};
    add_defect_result(file, result);

    const DefectResults read = read_defect_results(file);
    REQUIRE(read.size() == 2);
    CHECK(read.at({"p", "d"}).verdict == Verdict::not_tried);
    CHECK(read.at({"p", "d"}).trouble == result.trouble);
    CHECK(read.at({"p", "another"}).first.script_line == "b.lua:2");
    CHECK(read.at({"p", "d"}).scripts_print == project.result.scripts_print);

    SECTION("half a line that a killed run left is one result less") {
        write_text(file, read_text(file) + "{\"profile\":\"p\",\"def");
        CHECK(read_defect_results(file).size() == 2);
        result.defect = "a third";
        add_defect_result(file, result);
        CHECK(read_defect_results(file).size() == 3);
    }
    SECTION("another file is refused") {
        write_text(file, "defect,verdict\n\"a\",caught\n");
        CHECK_THROWS_WITH(read_defect_results(file), Catch::Contains("defects.jsonl: holds no results"));
    }
}
