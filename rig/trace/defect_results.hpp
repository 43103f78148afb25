// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rig/trace/fingerprint.hpp"

namespace rig::defects {

enum class Verdict {
    caught,     ///< by a check of a requirement that the defect breaks
    elsewhere,  ///< only by checks of other requirements
    survived,   ///< by none
    not_tried,  ///< it does not apply, or does not build
    absent,     ///< it changes nothing in this profile's images
};

const char* word_of(Verdict verdict);  ///< "caught", "ELSEWHERE", ...

/// A check that did not pass, as the results store has it.
struct RedCheck {
    std::string name;
    std::string script_line;
};

/// What became of one defect on one profile, and of what project that is true.
struct DefectResult {
    std::string profile, defect;
    Verdict verdict = Verdict::not_tried;
    std::map<std::string, RedCheck> red;  ///< by requirement: the first check of it that failed
    RedCheck first;                       ///< the first that failed at all; no name: none
    int failed = 0, errors = 0, tests = 0;
    std::string trouble;  ///< why it could not be tried; empty else

    std::vector<std::string> scripts;  ///< which decided it; empty: all
    std::string defect_print, firmware_print, bench_print, scripts_print;
};

/// Completes a result: which scripts decided it, and the fingerprints of all that did.
void sign(DefectResult& result, const Defect& defect, const std::string& fixture, const ProjectState& state);

/// What has changed since: "the defect", "the firmware", "fixture or limits", "scripts"; empty: nothing.
std::string changed_since(const DefectResult& result, const Defect& defect, const std::string& fixture,
                          const ProjectState& state);

/// Results by profile and defect, the last of each.
using DefectResults = std::map<std::pair<std::string, std::string>, DefectResult>;

/// One line of JSON for each result, added as it comes: a run that is stopped loses none.
DefectResults read_defect_results(const std::filesystem::path& file);  ///< none when there is no file
void add_defect_result(const std::filesystem::path& file, const DefectResult& result);

}  // namespace rig::defects
