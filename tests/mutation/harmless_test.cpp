// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/harmless.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "rig/trace/defect_list.hpp"
#include "tests/reports/temporary_folder.hpp"

using namespace rig::mutation;

namespace {

struct Project {
    rig::reports::TemporaryFolder folder;

    explicit Project(const std::string& entries) {
        std::ofstream(folder / "x.cpp") << "bool f(int a) { return a < 10; }\n";
        std::ofstream(folder / "harmless.toml") << "schema = 1\n" << entries;
    }
    HarmlessList read() const { return HarmlessList::read(folder / "harmless.toml", folder.path()); }
};

const std::string entry =
    "[[harmless]]\nfile = \"x.cpp\"\nwas = \"bool f(int a) { return a < 10; }\"\n"
    "is = \"bool f(int a) { return a <= 10; }\"\n";

}  // namespace

TEST_CASE("every entry of the project's list is about a line that is there", "[mutation]") {
    const std::filesystem::path project = PROJECT_FOLDER;
    CHECK_NOTHROW(HarmlessList::read(project / "tests/mutation/harmless.toml", project));
}

TEST_CASE("a listed mutant has its reason, any other change of the same line has none", "[mutation]") {
    const HarmlessList list = Project(entry + "reason = \"never 10\"\n").read();
    const auto mutants = mutants_of("x.cpp", "bool f(int a) { return a < 10; }\n");
    int listed = 0;
    for (const Mutant& mutant : mutants)
        if (!list.reason(mutant).empty()) {
            ++listed;
            CHECK(list.reason(mutant) == "never 10");
            CHECK(mutant.kind == "comparison shifted");
        }
    CHECK(listed == 1);
    CHECK(mutants.size() > 2);
}

TEST_CASE("an entry without a reason, with an unknown key or about a line that is gone is named",
          "[mutation]") {
    using rig::defects::DefectError;
    CHECK_THROWS_WITH(Project(entry).read(), Catch::Contains("harmless.toml:2: file, was, is and reason"));
    CHECK_THROWS_WITH(Project(entry + "reason = \"\"\n").read(),
                      Catch::Contains("reason is missing or empty"));
    CHECK_THROWS_WITH(
        Project("[[harmless]]\nfile = \"x.cpp\"\nwas = \"gone\"\nis = \"b\"\nreason = \"c\"\n").read(),
        Catch::Contains("x.cpp has no line \"gone\""));
    CHECK_THROWS_WITH(
        Project("[[harmless]]\nfile = \"x.cpp\"\nwas = \"return a\"\nis = \"b\"\nreason = \"c\"\n").read(),
        Catch::Contains("x.cpp has no line \"return a\""));
    CHECK_THROWS_AS(Project("[[harmless\n").read(), DefectError);
}

TEST_CASE("an entry whose line stands in its file more than once is refused: its reason is that of one place",
          "[mutation]") {
    const Project project(entry + "reason = \"never 10\"\n");
    std::ofstream(project.folder / "x.cpp", std::ios::app) << "  bool f(int a) { return a < 10; }\n";
    CHECK_THROWS_WITH(
        project.read(),
        Catch::Contains("harmless.toml:2: x.cpp has 2 lines \"bool f(int a) { return a < 10; }\""));
}
