// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/trace/matrix.hpp"

#include <algorithm>
#include <utility>

namespace rig::trace {

using reports::CheckRecord;
using reports::LatestTest;
using reports::Verdict;

namespace {

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

template <class Item>
const std::vector<Item>& of(const std::map<std::string, std::vector<Item>>& by_profile,
                            const std::string& profile) {
    static const std::vector<Item> none;
    const auto found = by_profile.find(profile);
    return found != by_profile.end() ? found->second : none;
}

void add_check(Cell& cell, const LatestTest& latest, const CheckRecord& check) {
    const auto same = [&](const ProvingCheck& known) {
        return known.test == latest.record.key.name && known.name == check.name &&
               known.script_line == check.script_line && known.run == latest.run;
    };
    auto found = std::find_if(cell.checks.begin(), cell.checks.end(), same);
    if (found == cell.checks.end()) {
        cell.checks.push_back({latest.record.key.name, check.name, check.script_line, 0, 0,
                               latest.record.verdict == Verdict::error, latest.run});
        found = cell.checks.end() - 1;
    }
    ++found->times;
    found->failed += check.verdict != Verdict::passed;
}

TracedDefect traced(const defects::Trial& trial, const std::string& id, const Evidence& evidence,
                    const defects::ProjectState& state) {
    using Standing = TracedDefect::Standing;
    TracedDefect traced{trial.defect.name, Standing::not_tried, "not tried", {}};
    const auto found = evidence.results.find({trial.profile, trial.defect.name});
    if (found == evidence.results.end()) return traced;
    const defects::DefectResult& result = found->second;
    const auto red = result.red.find(id);
    traced.check = red != result.red.end() ? red->second : result.first;
    traced.note = defects::word_of(result.verdict);
    if (const std::string changed = changed_since(result, trial.defect, trial.fixture, state);
        !changed.empty()) {
        traced.standing = Standing::stale;
        traced.note += ", but " + changed + " changed since";
    } else if (red != result.red.end()) {
        traced.standing = Standing::caught;
    } else if (result.verdict == defects::Verdict::absent) {
        traced.standing = Standing::absent;
    } else if (result.verdict != defects::Verdict::not_tried) {
        traced.standing = Standing::not_caught;
        if (!result.red.empty()) traced.note += ", but only by checks of what else it breaks";
    }
    return traced;
}

State state_of(const Requirement& requirement, const Cell& cell) {
    if (!requirement.unprovable.empty() && requirement.part.empty()) return State::unprovable;
    const auto& checks = cell.checks;
    if (std::any_of(checks.begin(), checks.end(), [](const ProvingCheck& c) { return c.failed > 0; }))
        return State::failing;
    if (std::any_of(checks.begin(), checks.end(), [](const ProvingCheck& c) { return c.undecided; }))
        return State::undecided;
    if (checks.empty()) return State::no_check;

    using Standing = TracedDefect::Standing;
    constexpr std::pair<Standing, State> order[] = {{Standing::caught, State::proved},
                                                    {Standing::stale, State::stale},
                                                    {Standing::not_tried, State::not_tried},
                                                    {Standing::not_caught, State::not_caught}};
    for (const auto& [standing, state] : order)
        if (std::any_of(cell.defects.begin(), cell.defects.end(),
                        [standing = standing](const TracedDefect& d) { return d.standing == standing; }))
            return state;
    return State::no_defect;
}

Cell cell_of(const std::string& id, const Requirement& requirement, const std::string& profile,
             const Evidence& evidence, const defects::ProjectState& state) {
    Cell cell;
    if (!applies(requirement, profile)) return cell;
    for (const Evidence::Test& test : of(evidence.tests, profile)) {
        if (!has(test.declared.proves, id)) continue;
        bool ever = false;
        for (const LatestTest& last : of(evidence.latest, profile)) {
            if (last.record.key.file != test.file || last.record.key.name != test.declared.name) continue;
            ever = true;
            for (const CheckRecord& check : last.record.checks)
                if (has(check.proves, id)) add_check(cell, last, check);
        }
        if (!ever) cell.never_ran.push_back(test.file + ": " + test.declared.name);
    }
    for (const defects::Trial& trial : evidence.trials)
        if (trial.profile == profile && has(trial.breaks, id))
            cell.defects.push_back(traced(trial, id, evidence, state));
    cell.state = state_of(requirement, cell);
    return cell;
}

}  // namespace

const char* word_of(State state) {
    switch (state) {
        case State::proved:
            return "proved";
        case State::failing:
            return "FAILING";
        case State::undecided:
            return "undecided";
        case State::no_check:
            return "no check";
        case State::no_defect:
            return "no defect";
        case State::not_tried:
            return "not tried";
        case State::stale:
            return "stale";
        case State::not_caught:
            return "not caught";
        case State::unprovable:
            return "unprovable";
        case State::not_applicable:
            return "-";
    }
    return "";
}

bool Matrix::settled() const {
    for (const auto& [id, by_profile] : cells)
        for (const auto& [profile, cell] : by_profile)
            if (!is_settled(cell.state)) return false;
    return true;
}

Matrix matrix_of(const std::vector<std::string>& profiles, const Evidence& evidence,
                 const defects::ProjectState& state) {
    Matrix matrix{profiles, evidence.requirements, {}};
    for (const auto& [id, requirement] : evidence.requirements)
        for (const std::string& profile : profiles)
            matrix.cells[id][profile] = cell_of(id, requirement, profile, evidence, state);
    return matrix;
}

}  // namespace rig::trace
