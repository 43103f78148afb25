// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/judge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rig/trace/fingerprint.hpp"
#include "tests/defects/broken_text.hpp"

namespace rig::mutation {

namespace fs = std::filesystem;

namespace {

constexpr double patience = 5.0;  ///< times the sound firmware's processor time

fs::path fixture_of(const defects::Suite& suite, const std::string& profile) {
    return suite.project / "fixtures" / (profile + "-4s.toml");
}

}  // namespace

SoundProfile sound_profile(By by, const std::string& profile, defects::ScratchFirmware& firmware,
                           const defects::Suite& suite, const fs::path& folder) {
    firmware.build(profile);
    if (by == By::unit_tests) return {profile, firmware.contents(profile), 0.0, nullptr};
    const defects::SuiteOutcome outcome =
        suite.run(fixture_of(suite, profile), firmware.images(profile), folder);
    if (!outcome.failed_tests.empty() || outcome.errors > 0)
        throw defects::DefectError(fmt::format("{}: without any mutant {} tests fail and {} have no verdict",
                                               profile, outcome.failed_tests.size(), outcome.errors));
    return {profile, firmware.contents(profile), outcome.cpu_s, std::make_unique<TestOrder>(outcome.ran)};
}

Judge::Judge(By by, const defects::Suite& suite, const std::vector<SoundProfile>& profiles,
             const fs::path& folder)
    : suite_(suite),
      profiles_(profiles),
      folder_(folder),
      firmware_(suite.project, folder, 1, defects::Warnings::are_none) {
    if (by == By::acceptance_scripts) return;
    units_ = std::make_unique<UnitTests>(suite.project, folder / "units", 1);
    const UnitTests::Outcome sound = units_->run(0.0);
    if (!sound.passed) throw defects::DefectError("without any mutant this unit test fails: " + sound.test);
    units_cpu_s_ = sound.cpu_s;
}

Tried Judge::judge(const Mutant& mutant) {
    Tried tried;
    tried.mutant = mutant;
    firmware_.change(mutant.file, mutant.applied_to(source_of(mutant)));
    bool built = false;
    std::set<std::string> passed;
    for (const SoundProfile& sound : profiles_) {
        if (!build(sound.profile)) continue;
        built = true;
        if (firmware_.contents(sound.profile) == sound.contents) continue;
        if (units_) {
            tried.profiles.push_back(sound.profile);
            tried.fate = in_units(tried);
            return tried;
        }
        tried.fate = on_profile(sound, passed, tried);
        if (tried.fate != Fate::survived) return tried;
        sound.order->add_names_to(passed);
    }
    if (tried.profiles.empty()) tried.fate = built ? Fate::equivalent : Fate::not_built;
    return tried;
}

/// As it was when the mutant was made.
std::string Judge::source_of(const Mutant& mutant) const {
    const std::string source = defects::read_text(suite_.project / mutant.file);
    if (defects::Fingerprint().add(source).text() != mutant.made_from)
        throw defects::DefectError(mutant.file +
                                   " was edited meanwhile\n  try     again: what was tried is kept");
    return source;
}

bool Judge::build(const std::string& profile) {
    try {
        firmware_.build(profile);
        return true;
    } catch (const defects::DefectError&) {
        return false;
    }
}

Fate Judge::in_units(Tried& tried) {
    constexpr double least_s = 1.0;  // a fifth of a second is no time to judge by
    units_->change(tried.mutant.file, tried.mutant.applied_to(source_of(tried.mutant)));
    const UnitTests::Outcome outcome = units_->run(patience * std::max(units_cpu_s_, least_s));
    tried.cpu_s = outcome.cpu_s;
    tried.test = outcome.test;
    return !outcome.built       ? Fate::not_built
           : outcome.over_limit ? Fate::timed_out
           : outcome.passed     ? Fate::survived
                                : Fate::caught;
}

Fate Judge::on_profile(const SoundProfile& sound, const std::set<std::string>& passed, Tried& tried) {
    tried.profiles.push_back(sound.profile);
    double left_s = patience * sound.cpu_s;
    for (const std::string& filter : sound.order->stages(tried.mutant.file, passed)) {
        suite_.cpu_limit_s = left_s;
        // A test without a verdict catches nothing, and must not keep the others from it.
        for (const bool fail_fast : {true, false}) {
            suite_.cpu_limit_s = left_s;
            const defects::SuiteOutcome outcome =
                suite_.run(fixture_of(suite_, sound.profile), firmware_.images(sound.profile),
                           folder_ / "results", {{}, filter, fail_fast});
            tried.cpu_s += outcome.cpu_s;
            left_s -= outcome.cpu_s;
            if (!outcome.failed_tests.empty()) {
                tried.test = outcome.failed_tests.front();
                sound.order->caught(tried.mutant.file, tried.test);
                return Fate::caught;
            }
            if (outcome.over_limit || left_s <= 0.0) return Fate::timed_out;
            if (!fail_fast) tried.errors += outcome.errors;
            if (outcome.errors == 0) break;
        }
    }
    return Fate::survived;
}

}  // namespace rig::mutation
