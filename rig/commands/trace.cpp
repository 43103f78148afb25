// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/trace.hpp"

#include <fmt/format.h>

#include <iostream>
#include <set>

#include "fixtures/profile.hpp"
#include "rig/planning.hpp"
#include "rig/trace/matrix.hpp"
#include "rig/trace/print.hpp"

namespace rig {

namespace {

namespace fs = std::filesystem;
using trace::Evidence;

std::vector<std::string> profiles_of(const TraceOptions& options) {
    return options.profiles.empty() ? std::vector<std::string>(profiles.begin(), profiles.end())
                                    : options.profiles;
}

RequirementList chosen(RequirementList all, const std::vector<std::string>& ids) {
    if (ids.empty()) return all;
    RequirementList chosen;
    for (const std::string& id : ids) {
        const auto found = all.find(id);
        if (found == all.end())
            throw UsageError(
                fmt::format("--id {}: there is no such requirement in scripts/requirements.toml", id));
        chosen.insert(*found);
    }
    return chosen;
}

/// All acceptance scripts, and those that have run and are still there.
std::vector<std::string> scripts_to_ask(const ProjectFolder& project,
                                        const std::vector<reports::LatestTest>& latest) {
    std::set<std::string> paths;
    for (const ScriptFile& file : project.scripts({}))
        paths.insert(file.path.string());
    for (const reports::LatestTest& last : latest) {
        const fs::path script = project.root / "scripts" / last.record.key.file;
        if (fs::is_regular_file(script)) paths.insert(script.string());
    }
    return {paths.begin(), paths.end()};
}

std::vector<Evidence::Test> declared_tests(const std::string& profile,
                                           const std::vector<std::string>& scripts) {
    ScriptOptions options;
    options.profile = profile;
    options.scripts = scripts;
    std::vector<Evidence::Test> tests;
    for (const CollectedScript& script : plan(options).scripts) {
        if (!script.error.empty()) throw UsageError(fmt::format("{}: {}", script.file.name, script.error));
        for (const TestDeclaration& test : script.tests)
            tests.push_back({script.file.name, test});
    }
    return tests;
}

Evidence evidence_of(const TraceOptions& options, const ProjectFolder& project) {
    if (!fs::is_regular_file(options.store))
        throw UsageError(fmt::format("{}: there is no such results store\n  try     rig run", options.store));
    Evidence evidence;
    const RequirementList all = load_requirements(project.root / "scripts");
    evidence.requirements = chosen(all, options.ids);
    const reports::Store store(options.store);
    for (const std::string& profile : profiles_of(options)) {
        evidence.latest[profile] = store.latest_tests(profile);
        evidence.tests[profile] = declared_tests(profile, scripts_to_ask(project, evidence.latest[profile]));
    }
    evidence.trials =
        trials_of(defects::read_defect_lists(project.root / "tests/defects"), all, profiles_of(options));
    evidence.results = defects::read_defect_results(options.defects);
    return evidence;
}

}  // namespace

int trace_command(const TraceOptions& options) {
    const ProjectFolder project = ProjectFolder::find();
    const Evidence evidence = evidence_of(options, project);
    const trace::Matrix matrix =
        trace::matrix_of(profiles_of(options), evidence, defects::ProjectState(project.root));
    if (options.format == "csv")
        write_csv(std::cout, matrix);
    else if (options.format == "json")
        write_json(std::cout, matrix);
    else if (options.ids.empty())
        print_matrix(std::cout, matrix);
    else
        print_details(std::cout, matrix);
    return matrix.settled() ? 0 : 1;
}

}  // namespace rig
