// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/suite.hpp"

#include <fmt/format.h>

#include <regex>

#include "reports/store.hpp"
#include "tests/defects/broken_text.hpp"
#include "tests/defects/child_process.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

/// The same bench, other boards.
std::string with_images(const std::string& fixture, const fs::path& images) {
    static const std::regex own("\nfirmware *= *\"[^\"]*\""), table("\n\\[virtual\\][^\n]*");
    const std::string line = fmt::format("\nfirmware = \"{}\"", images.string());
    const auto first = std::regex_constants::format_first_only;
    if (std::regex_search(fixture, own)) return std::regex_replace(fixture, own, line, first);
    if (std::regex_search(fixture, table)) return std::regex_replace(fixture, table, "$&" + line, first);
    return fixture + "\n[virtual]" + line + "\n";
}

/// A fixture file may build on those beside it.
void copy_with_neighbours(const fs::path& fixture, const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(fixture.parent_path()))
        if (entry.path().extension() == ".toml")
            fs::copy(entry.path(), folder, fs::copy_options::overwrite_existing);
}

SuiteOutcome outcome_of(const std::vector<reports::TestRecord>& tests) {
    SuiteOutcome outcome;
    for (const reports::TestRecord& test : tests) {
        outcome.ran.push_back({test.key.name, static_cast<double>(test.ended_ns - test.began_ns) / 1e9});
        if (test.verdict == reports::Verdict::error) ++outcome.errors;
        if (test.verdict == reports::Verdict::failed) outcome.failed_tests.push_back(test.key.name);
        for (const reports::CheckRecord& check : test.checks) {
            if (check.verdict == reports::Verdict::failed)
                outcome.failed.push_back({check.name, check.script_line, check.proves});
        }
    }
    return outcome;
}

}  // namespace

fs::path own_copy(const fs::path& program, const fs::path& folder) {
    fs::create_directories(folder);
    fs::copy(program, folder, fs::copy_options::overwrite_existing);
    return folder / program.filename();
}

SuiteOutcome Suite::run(const fs::path& fixture, const fs::path& images, const fs::path& folder,
                        const Selected& selected) const {
    fs::create_directories(folder);
    const fs::path bench = folder / fixture.filename(), results = folder / "results.sqlite";
    const fs::path log = folder / "rig.log";
    copy_with_neighbours(fixture, folder);
    write_text(bench, with_images(read_text(fixture), images));
    for (const char* part : {"", "-wal", "-shm"})
        fs::remove(results.string() + part);
    std::vector<std::string> command{rig,
                                     "run",
                                     "--fixture",
                                     bench,
                                     "--store",
                                     results,
                                     "--junit",
                                     folder / "junit.xml",
                                     "--html",
                                     folder / "report.html",
                                     "--seed",
                                     fmt::format("{}", seed),
                                     "--jobs",
                                     fmt::format("{}", jobs),
                                     "--no-recording"};
    if (!selected.filter.empty()) command.insert(command.end(), {"--filter", selected.filter});
    if (selected.fail_fast) command.push_back("--fail-fast");
    for (const std::string& id : selected.ids)
        command.insert(command.end(), {"--proves", id});
    for (const std::string& script : selected.scripts)
        command.push_back(project / "scripts" / script);
    // The exit code says only that something was amiss: the store says what.
    const Ended ended = run_program(command, project, log, cpu_limit_s);
    try {
        SuiteOutcome outcome;
        if (fs::exists(results)) {
            const reports::Store store(results);
            outcome = outcome_of(store.tests(store.latest_run()));
        } else if (!ended.over_limit && read_text(log).find("no test ") == std::string::npos) {
            throw DefectError("the rig did not get as far as a result");
        }
        outcome.cpu_s = ended.cpu_s;
        outcome.over_limit = ended.over_limit;
        return outcome;
    } catch (const std::runtime_error& error) {
        throw DefectError(error.what() + last_lines(log, 10));
    }
}

}  // namespace rig::defects
