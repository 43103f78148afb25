// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/defect_results.hpp"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace rig::defects {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::array<std::pair<Verdict, const char*>, 5> words{{{Verdict::caught, "caught"},
                                                                {Verdict::elsewhere, "ELSEWHERE"},
                                                                {Verdict::survived, "SURVIVED"},
                                                                {Verdict::not_tried, "NOT TRIED"},
                                                                {Verdict::absent, "absent"}}};

Verdict verdict_of(const std::string& text) {
    for (const auto& [verdict, word] : words)
        if (text == word) return verdict;
    throw DefectError("\"" + text + "\" is no verdict");
}

Json json_of(const RedCheck& check) {
    return {{"check", check.name}, {"line", check.script_line}};
}

RedCheck check_of(const Json& json) {
    return {json.at("check"), json.at("line")};
}

Json json_of(const DefectResult& result) {
    Json red = Json::object();
    for (const auto& [id, check] : result.red)
        red[id] = json_of(check);
    Json json{{"profile", result.profile},
              {"defect", result.defect},
              {"verdict", word_of(result.verdict)},
              {"red", red},
              {"failed", result.failed},
              {"errors", result.errors},
              {"tests", result.tests},
              {"scripts", result.scripts},
              {"of", {result.defect_print, result.firmware_print, result.bench_print, result.scripts_print}}};
    if (!result.first.name.empty()) json["first"] = json_of(result.first);
    if (!result.trouble.empty()) json["trouble"] = result.trouble;
    return json;
}

DefectResult result_of(const Json& json) {
    DefectResult result;
    result.profile = json.at("profile");
    result.defect = json.at("defect");
    result.verdict = verdict_of(json.at("verdict"));
    for (const auto& [id, check] : json.at("red").items())
        result.red[id] = check_of(check);
    if (json.contains("first")) result.first = check_of(json.at("first"));
    result.failed = json.at("failed");
    result.errors = json.at("errors");
    result.tests = json.at("tests");
    result.trouble = json.value("trouble", "");
    result.scripts = json.at("scripts").get<std::vector<std::string>>();
    const auto& of = json.at("of");
    result.defect_print = of.at(0);
    result.firmware_print = of.at(1);
    result.bench_print = of.at(2);
    result.scripts_print = of.at(3);
    return result;
}

std::string file_of(const std::string& script_line) {
    return script_line.substr(0, script_line.rfind(':'));
}

}  // namespace

const char* word_of(Verdict verdict) {
    for (const auto& [known, word] : words)
        if (known == verdict) return word;
    return "";
}

void sign(DefectResult& result, const Defect& defect, const std::string& fixture, const ProjectState& state) {
    // What turned red once turns red again while its own script stays; what did not, might by any.
    std::set<std::string> deciding;
    if (result.verdict == Verdict::caught) {
        for (const auto& [id, check] : result.red)
            deciding.insert(file_of(check.script_line));
    }
    result.scripts.assign(deciding.begin(), deciding.end());
    result.defect_print = state.of(defect);
    result.firmware_print = state.firmware();
    result.bench_print = state.bench(fixture, result.profile);
    result.scripts_print = state.scripts(result.scripts);
}

std::string changed_since(const DefectResult& result, const Defect& defect, const std::string& fixture,
                          const ProjectState& state) {
    if (result.defect_print != state.of(defect)) return "the defect";
    if (result.firmware_print != state.firmware()) return "the firmware";
    if (result.verdict == Verdict::absent) return "";
    if (result.bench_print != state.bench(fixture, result.profile)) return "fixture or limits";
    if (result.scripts_print != state.scripts(result.scripts)) return "scripts";
    return "";
}

DefectResults read_defect_results(const fs::path& file) {
    DefectResults results;
    std::ifstream in(file);
    bool any = false;
    for (std::string line; std::getline(in, line);) {
        any = true;
        try {
            DefectResult result = result_of(Json::parse(line));
            results[{result.profile, result.defect}] = std::move(result);
        } catch (const std::exception&) {
            // A run that was killed may have left half a line: that defect is tried again.
        }
    }
    if (any && results.empty())
        throw DefectError(file.string() + ": holds no results of run_defects\n  try     another file");
    return results;
}

void add_defect_result(const fs::path& file, const DefectResult& result) {
    if (file.has_parent_path()) fs::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::app);
    // Begins with its line's end, should half a line be there.
    std::error_code none;
    const bool whole =
        fs::file_size(file, none) == 0 || std::ifstream(file).seekg(-1, std::ios::end).get() == '\n';
    out << (whole ? "" : "\n") << json_of(result).dump() + "\n" << std::flush;
    if (!out) throw DefectError("cannot write " + file.string());
}

}  // namespace rig::defects
