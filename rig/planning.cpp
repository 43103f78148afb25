// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/planning.hpp"

#include <fmt/format.h>

namespace rig {

namespace {

void resize(Planned& planned, int cells) {
    Fixture& fixture = planned.fixture;
    if (cells == fixture.pack.cells) return;
    if (fixture.bench != "virtual") {
        throw UsageError(fmt::format(
            "--cells {}: {} holds {} boards, and only a virtual bench can have others\n  try     without "
            "--cells",
            cells, fixture.file.string(), fixture.pack.cells));
    }
    const std::string as_named = fmt::format("{} cells", fixture.pack.cells);
    const std::string here = fmt::format("{} cells", cells);
    fixture.pack.cells = fixture.virtual_bench.cells = cells;
    if (const auto at = fixture.name.find(as_named); at != std::string::npos)
        fixture.name.replace(at, as_named.size(), here);
    else
        fixture.name += ", with " + here;
    planned.bench += ", with " + here;
}

}  // namespace

Planned plan(const ScriptOptions& options) {
    options.selection.check();
    Planned planned;
    planned.project = ProjectFolder::find();
    const std::filesystem::path fixture = options.fixture.empty()
                                              ? planned.project.fixture_of(options.profile)
                                              : std::filesystem::path(options.fixture);
    planned.project.require_fixture_file(fixture, "--fixture ");
    const std::vector<ScriptFile> files = planned.project.scripts(options.scripts);
    planned.fixture = load_fixture(fixture);
    planned.bench = planned.fixture.file.filename().string();
    if (options.cells) resize(planned, *options.cells);
    const std::filesystem::path limits = planned.project.limits_of(planned.fixture.profile);
    planned.limits = {load_limits(limits),
                      "fixtures/limits/" + limits.filename().string(),
                      planned.fixture.profile,
                      {options.trusts_scripts, {}}};
    for (const ScriptFile& file : files)
        planned.scripts.push_back(collect(file, planned.limits));
    return planned;
}

std::string nothing_wanted(const Planned& planned, const Selection& selection) {
    std::size_t all = 0, too_long = 0;
    for (const CollectedScript& script : planned.scripts) {
        all += script.tests.size();
        for (const TestDeclaration& test : script.tests)
            too_long += selection.wants_but_for_length(test);
    }
    if (too_long > 0) {
        return fmt::format("no test to run: {} would, but tagged \"long\"\n  try     --tag long", too_long);
    }
    if (all == 0) {
        return fmt::format("no test is for {}\n  try     another --profile or --fixture",
                           planned.fixture.profile);
    }
    return fmt::format(
        "no test matches, of {} in {} scripts\n  try     rig list   (shows names, tags and IDs)", all,
        planned.scripts.size());
}

}  // namespace rig
