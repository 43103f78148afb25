// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/unit_tests.hpp"

#include <regex>
#include <set>

#include "tests/defects/broken_text.hpp"

namespace rig::mutation {

namespace fs = std::filesystem;

namespace {

/// Catch2 shows the failed test's name between two lines of dashes.
std::string failed_test(const fs::path& log) {
    static const std::regex shown("\n-{79}\n([^\n]*)\n");
    std::smatch found;
    const std::string text = defects::read_text(log);
    return std::regex_search(text, found, shown) ? found[1].str() : "a crash";
}

}  // namespace

UnitTests::UnitTests(const fs::path& project, const fs::path& folder, int jobs)
    : tree_(project, {"firmware", "cmake", "tests/firmware", "tests/golden", "tests/catch_main.cpp"},
            "tests/mutation/units/CMakeLists.txt", folder, jobs) {
    tree_.configure();
}

UnitTests::Outcome UnitTests::run(double cpu_limit_s) {
    Outcome outcome;
    try {
        tree_.build({"unit_tests"});
    } catch (const defects::DefectError&) {
        return outcome;
    }
    outcome.built = true;
    std::set<fs::path> programs;
    for (const auto& entry : fs::directory_iterator(tree_.built() / "bin"))
        if (entry.path().filename().string().rfind("tests_firmware", 0) == 0) programs.insert(entry.path());
    if (programs.empty()) throw defects::DefectError("the firmware has no unit tests");
    for (const fs::path& program : programs) {
        const fs::path log = tree_.built() / "units.log";
        const defects::Ended ended =
            defects::run_program({program, "--abort"}, tree_.built(), log, cpu_limit_s);
        outcome.cpu_s += ended.cpu_s;
        outcome.over_limit = ended.over_limit;
        if (ended.code == 0) continue;
        outcome.test = failed_test(log);
        return outcome;
    }
    outcome.passed = true;
    return outcome;
}

}  // namespace rig::mutation
