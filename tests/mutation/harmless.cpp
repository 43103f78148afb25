// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/harmless.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <sstream>

#include "tests/defects/broken_text.hpp"

namespace rig::mutation {

namespace fs = std::filesystem;
using defects::DefectError;

namespace {

constexpr std::array<const char*, 4> keys{"file", "was", "is", "reason"};

toml::table parsed(const fs::path& file) {
    try {
        return toml::parse_file(file.string());
    } catch (const toml::parse_error& error) {
        throw DefectError(
            fmt::format("{}:{}: {}", file.string(), error.source().begin.line, error.description()));
    }
}

/// How many lines of the text are this one, wherever they begin.
long times_as_a_line(const std::string& line, const std::string& text) {
    long times = 0;
    std::istringstream rest(text);
    for (std::string next; std::getline(rest, next);)
        if (next.erase(0, next.find_first_not_of(' ')) == line) ++times;
    return times;
}

}  // namespace

HarmlessList HarmlessList::read(const fs::path& file, const fs::path& project) {
    const toml::table table = parsed(file);
    if (table["schema"].value_or(0) != 1) throw DefectError(file.string() + ": schema = 1 is missing");
    HarmlessList list;
    const toml::array* entries = table["harmless"].as_array();
    if (entries == nullptr) return list;
    for (const toml::node& node : *entries) {
        const auto refuse = [&](const std::string& what) {
            throw DefectError(fmt::format("{}:{}: {}", file.string(), node.source().begin.line, what));
        };
        const toml::table* entry = node.as_table();
        if (entry == nullptr || entry->size() != keys.size())
            refuse("file, was, is and reason, and nothing else");
        std::array<std::string, keys.size()> text;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            text[i] = (*entry)[keys[i]].value_or(std::string());
            if (text[i].empty()) refuse(fmt::format("{} is missing or empty", keys[i]));
        }
        const auto& [source, was, is, reason] = text;
        const auto lines =
            fs::exists(project / source) ? times_as_a_line(was, defects::read_text(project / source)) : 0;
        if (lines == 0) refuse(fmt::format("{} has no line \"{}\"", source, was));
        // A reason holds for one place; which one, the text alone could not tell.
        if (lines > 1) refuse(fmt::format("{} has {} lines \"{}\"", source, lines, was));
        list.reasons_[{source, was, is}] = reason;
    }
    return list;
}

std::string HarmlessList::reason(const Mutant& mutant) const {
    const auto found = reasons_.find({mutant.file, mutant.before, mutant.after});
    return found == reasons_.end() ? "" : found->second;
}

}  // namespace rig::mutation
