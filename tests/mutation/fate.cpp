// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/fate.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "rig/trace/defect_list.hpp"

namespace rig::mutation {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::array<std::pair<Fate, const char*>, 6> words{{{Fate::caught, "caught"},
                                                             {Fate::timed_out, "timed out"},
                                                             {Fate::survived, "SURVIVED"},
                                                             {Fate::equivalent, "equivalent"},
                                                             {Fate::harmless, "harmless"},
                                                             {Fate::not_built, "not built"}}};

Json json_of(const Tried& tried) {
    return {{"mutant", tried.mutant.name()},
            {"fate", word_of(tried.fate)},
            {"profiles", tried.profiles},
            {"test", tried.test},
            {"errors", tried.errors},
            {"cpu_s", tried.cpu_s},
            {"of", tried.of}};
}

Tried tried_of(const Json& json) {
    Tried tried;
    const std::string fate = json.at("fate");
    for (const auto& [known, word] : words)
        if (fate == word) tried.fate = known;
    tried.profiles = json.at("profiles").get<std::vector<std::string>>();
    tried.test = json.at("test");
    tried.errors = json.at("errors");
    tried.cpu_s = json.at("cpu_s");
    tried.of = json.at("of");
    return tried;
}

long count(const std::vector<Tried>& all, Fate fate) {
    return std::count_if(all.begin(), all.end(), [fate](const Tried& tried) { return tried.fate == fate; });
}

}  // namespace

const char* word_of(Fate fate) {
    for (const auto& [known, word] : words)
        if (known == fate) return word;
    return "";
}

Kept read_kept(const fs::path& file) {
    Kept kept;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        try {
            const Json json = Json::parse(line);
            kept[json.at("mutant")] = tried_of(json);
        } catch (const std::exception&) {
            // Half a line, left by a run that was killed: that mutant is tried again.
        }
    }
    return kept;
}

void keep(const fs::path& file, const Tried& tried) {
    if (file.has_parent_path()) fs::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::app);
    out << json_of(tried).dump() + "\n" << std::flush;
    if (!out) throw defects::DefectError("cannot write " + file.string());
}

void print(std::ostream& out, const Tried& tried) {
    const Mutant& mutant = tried.mutant;
    fmt::print(out, "{:10}  {}:{}  {}", word_of(tried.fate), mutant.file, mutant.line, mutant.kind);
    if (!tried.test.empty()) fmt::print(out, ", by \"{}\"", tried.test);
    if (counts(tried.fate)) fmt::print(out, "  ({}, {:.1f} s)", fmt::join(tried.profiles, ", "), tried.cpu_s);
    if (tried.errors > 0) fmt::print(out, ", {} tests without a verdict", tried.errors);
    out << '\n';
    if (tried.fate == Fate::survived)
        fmt::print(out, "    was  {}\n    is   {}\n", mutant.before, mutant.after);
    out << std::flush;
}

double share_caught(const std::vector<Tried>& all) {
    const auto caught = count(all, Fate::caught) + count(all, Fate::timed_out);
    const auto counted = caught + count(all, Fate::survived);
    return counted == 0 ? 1.0 : static_cast<double>(caught) / static_cast<double>(counted);
}

void print_summary(std::ostream& out, const std::vector<Tried>& all) {
    const auto caught = count(all, Fate::caught), timed_out = count(all, Fate::timed_out),
               survived = count(all, Fate::survived);
    if (survived > 0) out << "\nsurvivors\n";
    for (const Tried& tried : all)
        if (tried.fate == Fate::survived) print(out, tried);
    fmt::print(out, "\n{} mutants: {} caught, {} timed out, {} survived: {:.1f} % caught\n",
               caught + timed_out + survived, caught, timed_out, survived, 100.0 * share_caught(all));
    fmt::print(out, "not counted: {} change no image, {} change nothing that a board does, {} do not build\n",
               count(all, Fate::equivalent), count(all, Fate::harmless), count(all, Fate::not_built));
    if (survived > 0)
        out << "  try     a check that fails for each, or say why it cannot matter: "
               "tests/mutation/README.md\n";
}

}  // namespace rig::mutation
