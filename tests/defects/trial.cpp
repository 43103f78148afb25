// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/trial.hpp"

#include <algorithm>
#include <iterator>

#include "tests/defects/broken_text.hpp"

namespace rig::defects {

namespace fs = std::filesystem;

namespace {

bool cites(const FailedCheck& check, const std::string& id) {
    return std::find(check.proves.begin(), check.proves.end(), id) != check.proves.end();
}

/// The tests that prove one broken requirement after the other, none after the first that fails,
/// until each is known to turn red or not to.
SuiteOutcome own_tests(const Trial& trial, const fs::path& images, const Suite& suite,
                       const fs::path& fixture, const std::vector<std::string>& first,
                       const std::string& filter, const fs::path& folder) {
    SuiteOutcome all;
    const auto is_red = [&](const std::string& id) {
        return std::any_of(all.failed.begin(), all.failed.end(),
                           [&](const FailedCheck& check) { return cites(check, id); });
    };
    const auto run = [&](const Selected& selected) {
        SuiteOutcome outcome = suite.run(fixture, images, folder, selected);
        std::copy(outcome.ran.begin(), outcome.ran.end(), std::back_inserter(all.ran));
        std::copy(outcome.failed.begin(), outcome.failed.end(), std::back_inserter(all.failed));
        return outcome;
    };
    for (const std::string& id : trial.breaks) {
        if (!first.empty() && !is_red(id)) run({{id}, filter, true, first});
        // A check that cites something else may fail first: then all tests of this requirement run.
        for (const bool fail_fast : {true, false}) {
            if (is_red(id)) break;
            const SuiteOutcome outcome = run({{id}, filter, fail_fast});
            all.errors += outcome.errors;
            if (outcome.failed_tests.empty() && outcome.errors == 0) break;
        }
    }
    return all;
}

fs::path broken_fixture(const Trial& trial, const Suite& suite, const fs::path& folder) {
    fs::create_directories(folder);
    for (const auto& entry : fs::directory_iterator(suite.project / "fixtures"))
        if (entry.path().extension() == ".toml")
            fs::copy(entry.path(), folder, fs::copy_options::overwrite_existing);
    const fs::path file = folder / fs::path(trial.defect.file).filename();
    write_text(file, with_defect(trial.defect, read_text(file)));
    return folder / fs::path(trial.fixture).filename();
}

}  // namespace

DefectResult judged(const Trial& trial, const SuiteOutcome& outcome) {
    DefectResult result;
    result.profile = trial.profile;
    result.defect = trial.defect.name;
    result.failed = static_cast<int>(outcome.failed.size());
    result.errors = outcome.errors;
    result.tests = static_cast<int>(outcome.ran.size());
    for (const FailedCheck& check : outcome.failed) {
        if (result.first.name.empty()) result.first = {check.name, check.script_line};
        for (const std::string& id : trial.breaks)
            if (cites(check, id)) result.red.try_emplace(id, RedCheck{check.name, check.script_line});
    }
    result.verdict = !result.red.empty()      ? Verdict::caught
                     : outcome.failed.empty() ? Verdict::survived
                                              : Verdict::elsewhere;
    return result;
}

DefectResult run_trial(const Trial& trial, ScratchFirmware& firmware, const std::string& sound,
                       const Suite& suite, const Extent& extent, const std::string& filter,
                       const fs::path& folder) {
    try {
        fs::path fixture = suite.project / trial.fixture;
        if (trial.defect.on_the_bench()) {
            firmware.mend();
            firmware.build(trial.profile);
            fixture = broken_fixture(trial, suite, folder / "fixtures");
        } else {
            firmware.change(trial.defect.file,
                            with_defect(trial.defect, read_text(suite.project / trial.defect.file)));
            firmware.build(trial.profile);
            if (firmware.contents(trial.profile) == sound) {
                DefectResult result = judged(trial, {});
                result.verdict = Verdict::absent;
                return result;
            }
        }
        const fs::path images = firmware.images(trial.profile);
        return judged(trial, extent.own
                                 ? own_tests(trial, images, suite, fixture, extent.first, filter, folder)
                                 : suite.run(fixture, images, folder, {{}, filter, false}));
    } catch (const std::exception& error) {
        DefectResult result = judged(trial, {});
        result.verdict = Verdict::not_tried;
        result.trouble = error.what();
        return result;
    }
}

}  // namespace rig::defects
