// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/print.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

#include "reports/csv.hpp"

namespace rig::trace {

namespace {

using reports::csv_quoted;

constexpr std::size_t width = 79;

std::string verdict_of(const ProvingCheck& check) {
    return check.failed > 0 ? "FAILED" : check.undecided ? "undecided" : "passed";
}

/// IDs, broken into lines that begin under each other.
void print_ids(std::ostream& out, const std::string& head, const std::vector<std::string>& ids) {
    std::string line = head;
    for (const std::string& id : ids) {
        if (line.size() + 1 + id.size() > width) {
            out << line << '\n';
            line = std::string(head.size(), ' ');
        }
        line += " " + id;
    }
    out << line << '\n';
}

void print_profile_summary(std::ostream& out, const Matrix& matrix, const std::string& profile) {
    std::map<State, std::vector<std::string>> ids;
    for (const auto& [id, by_profile] : matrix.cells)
        ids[by_profile.at(profile).state].push_back(id);
    std::size_t applicable = 0;
    for (const auto& [state, which] : ids)
        if (state != State::not_applicable) applicable += which.size();
    fmt::print(out, "{}: {} of {} proved\n", profile, ids[State::proved].size(), applicable);
    for (const auto& [state, which] : ids)
        if (state != State::proved && state != State::not_applicable)
            print_ids(out, fmt::format("  {:<10} {:>3} ", word_of(state), which.size()), which);
}

const char* remedy_for(State state) {
    switch (state) {
        case State::no_check:
        case State::undecided:
        case State::failing:
            return "rig run --profile PROFILE   (and --tag long for what that leaves out)";
        case State::no_defect:
        case State::not_caught:
            return "rig trace --id ID   (its checks and defects); tests/defects/README.md";
        case State::not_tried:
        case State::stale:
            return "run_defects --own --profile PROFILE   (tries what is stale or was never tried)";
        default:
            return nullptr;
    }
}

void print_remedies(std::ostream& out, const Matrix& matrix) {
    std::vector<std::string> said;
    for (const auto& [id, by_profile] : matrix.cells)
        for (const auto& [profile, cell] : by_profile) {
            const char* remedy = remedy_for(cell.state);
            if (remedy != nullptr && std::find(said.begin(), said.end(), remedy) == said.end())
                said.emplace_back(remedy);
        }
    for (const std::string& remedy : said)
        fmt::print(out, "  try     {}\n", remedy);
}

void print_cell(std::ostream& out, const Cell& cell) {
    for (const ProvingCheck& check : cell.checks)
        fmt::print(out, "    check   {:<9} {} \"{}\"{}, run {}\n", verdict_of(check), check.script_line,
                   check.name, check.times > 1 ? fmt::format(" ({} times)", check.times) : "", check.run);
    for (const std::string& test : cell.never_ran)
        fmt::print(out, "    check   never ran {}\n", test);
    for (const TracedDefect& defect : cell.defects) {
        fmt::print(out, "    defect  {}: {}\n", defect.name, defect.note);
        if (!defect.check.name.empty())
            fmt::print(out, "            by {} \"{}\"\n", defect.check.script_line, defect.check.name);
    }
}

}  // namespace

void print_matrix(std::ostream& out, const Matrix& matrix) {
    const auto line = [&](const std::string& first, const auto& text_of) {
        std::string text = fmt::format("{:<8}", first);
        for (const std::string& profile : matrix.profiles)
            text += fmt::format("{:<12}", text_of(profile));
        out << text.substr(0, text.find_last_not_of(' ') + 1) << '\n';
    };
    line("", [](const std::string& profile) { return profile; });
    for (const auto& [id, by_profile] : matrix.cells) {
        const auto& cells = by_profile;
        line(id, [&](const std::string& profile) { return word_of(cells.at(profile).state); });
    }
    out << '\n';
    for (const std::string& profile : matrix.profiles)
        print_profile_summary(out, matrix, profile);
    print_remedies(out, matrix);
}

void print_details(std::ostream& out, const Matrix& matrix) {
    for (const auto& [id, by_profile] : matrix.cells) {
        const Requirement& requirement = matrix.requirements.at(id);
        fmt::print(out, "{}  {}{}\n", id,
                   requirement.mode.empty() ? "" : requirement.mode + " mode: ", requirement.text);
        if (!requirement.unprovable.empty())
            fmt::print(out, "  not provable{}: {}\n", requirement.part.empty() ? "" : ", " + requirement.part,
                       requirement.unprovable);
        for (const auto& [profile, cell] : by_profile) {
            if (cell.state == State::not_applicable) continue;
            fmt::print(out, "  {}: {}\n", profile, word_of(cell.state));
            print_cell(out, cell);
        }
    }
}

void write_csv(std::ostream& out, const Matrix& matrix) {
    out << "requirement,profile,state,kind,name,where,verdict,times,run\n";
    for (const auto& [id, by_profile] : matrix.cells)
        for (const auto& [profile, cell] : by_profile) {
            const std::string head = fmt::format("{},{},{}", id, profile, csv_quoted(word_of(cell.state)));
            for (const ProvingCheck& check : cell.checks)
                fmt::print(out, "{},check,{},{},{},{},{}\n", head, csv_quoted(check.name),
                           csv_quoted(check.script_line), verdict_of(check), check.times, check.run);
            for (const std::string& test : cell.never_ran)
                fmt::print(out, "{},test,{},,never ran,,\n", head, csv_quoted(test));
            for (const TracedDefect& defect : cell.defects)
                fmt::print(out, "{},defect,{},{},{},,\n", head, csv_quoted(defect.name),
                           csv_quoted(defect.check.script_line), csv_quoted(defect.note));
            if (cell.checks.empty() && cell.never_ran.empty() && cell.defects.empty())
                fmt::print(out, "{},,,,,,\n", head);
        }
}

}  // namespace rig::trace
