// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/suite.hpp"

#include <fmt/format.h>

#include <regex>

#include "reports/store.hpp"
#include "tests/defects/child_process.hpp"
#include "tests/defects/defect_list.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

/// The same bench, other boards.
std::string with_images(const std::string& fixture, const fs::path& images) {
    static const std::regex line("\nfirmware *= *\"[^\"]*\"");
    if (!std::regex_search(fixture, line))
        throw DefectError("the fixture has no [virtual] firmware to replace");
    return std::regex_replace(fixture, line, fmt::format("\nfirmware = \"{}\"", images.string()),
                              std::regex_constants::format_first_only);
}

SuiteOutcome outcome_of(const std::vector<reports::TestRecord>& tests) {
    SuiteOutcome outcome;
    for (const reports::TestRecord& test : tests) {
        ++outcome.tests;
        if (test.verdict == reports::Verdict::error) ++outcome.errors;
        for (const reports::CheckRecord& check : test.checks) {
            if (check.verdict == reports::Verdict::failed)
                outcome.failed.push_back({check.name, check.script_line, check.proves});
        }
    }
    return outcome;
}

}  // namespace

SuiteOutcome Suite::run(const fs::path& images, const fs::path& folder,
                        const std::vector<std::string>& ids) const {
    fs::create_directories(folder);
    const fs::path bench = folder / fixture.filename(), results = folder / "results.sqlite";
    const fs::path log = folder / "rig.log";
    write_text(bench, with_images(read_text(fixture), images));
    fs::remove(results);
    std::vector<std::string> command{rig,         "run",
                                     "--fixture", bench,
                                     "--store",   results,
                                     "--junit",   folder / "junit.xml",
                                     "--seed",    fmt::format("{}", seed),
                                     "--jobs",    fmt::format("{}", jobs)};
    if (!filter.empty()) command.insert(command.end(), {"--filter", filter});
    for (const std::string& id : ids)
        command.insert(command.end(), {"--proves", id});
    // The exit code says only that something was amiss: the store says what.
    run_program(command, project, log);
    try {
        if (!fs::exists(results)) throw DefectError("the rig did not get as far as a result");
        const reports::Store store(results);
        return outcome_of(store.tests(store.latest_run()));
    } catch (const std::runtime_error& error) {
        throw DefectError(error.what() + last_lines(log, 10));
    }
}

}  // namespace rig::defects
