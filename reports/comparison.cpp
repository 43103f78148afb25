// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "reports/wording.hpp"

namespace rig::reports {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;  // file, test, board

/// Of several attempts the last counts.
std::map<Key, const TestRecord*> by_key(const Results& results) {
    std::map<Key, const TestRecord*> tests;
    for (const auto& test : results.tests)
        tests[{test.key.file, test.key.name, test.key.dut}] = &test;
    return tests;
}

std::string title(const Results& results, const TestRecord& test) {
    return one_line(test.key.file + ": " + results.name_of(test));
}

class Sides {
public:
    void heading(const std::string& text) { pending_ = "\n" + text + "\n"; }

    /// Both sides of something; a heading comes only before something to say.
    void row(const std::string& what, const std::string& before, const std::string& after) {
        line(fmt::format("  {:<28} {:<34} {}", what, before, after));
    }
    void line(const std::string& text) {
        text_ += pending_ + one_line(text) + "\n";
        pending_.clear();
    }
    const std::string& text() const { return text_; }

private:
    std::string text_, pending_;
};

void compare_files(Sides& sides, const RunRecord& before, const RunRecord& after) {
    std::map<std::string, std::pair<std::string, std::string>> sums;
    constexpr std::size_t shown_digits = 12;
    for (const auto& file : before.files)
        sums[file.kind + " " + file.name].first = file.sha256.substr(0, shown_digits);
    for (const auto& file : after.files)
        sums[file.kind + " " + file.name].second = file.sha256.substr(0, shown_digits);
    sides.heading("files that differ (SHA-256)");
    for (const auto& [name, sum] : sums)
        if (sum.first != sum.second)
            sides.row(name, sum.first.empty() ? "-" : sum.first, sum.second.empty() ? "-" : sum.second);
}

void compare_verdicts(Sides& sides, const Results& before, const Results& after) {
    const auto first = by_key(before), second = by_key(after);
    sides.heading("tests that ended otherwise");
    for (const auto& [key, test] : first)
        if (const auto other = second.find(key);
            other != second.end() && other->second->verdict != test->verdict) {
            sides.line(fmt::format("  {:<8} -> {:<8} {}", text_of(test->verdict),
                                   text_of(other->second->verdict), title(before, *test)));
            if (other->second->verdict != Verdict::passed)
                sides.line("                       " + headline(*other->second));
        }
    sides.heading(fmt::format("tests of run {} alone", before.number));
    for (const auto& [key, test] : first)
        if (!second.contains(key)) sides.line("  " + title(before, *test));
    sides.heading(fmt::format("tests of run {} alone", after.number));
    for (const auto& [key, test] : second)
        if (!first.contains(key)) sides.line("  " + title(after, *test));
}

std::string said_of(const Requirements& requirements, const std::string& id) {
    if (requirements.broken.contains(id)) return "broken";
    if (requirements.undecided.contains(id)) return "undecided";
    return requirements.proved.contains(id) ? "proved" : "-";
}

void compare_requirements(Sides& sides, const Requirements& before, const Requirements& after) {
    std::set<std::string> ids;
    for (const auto* said : {&before, &after})
        for (const auto* some : {&said->proved, &said->broken, &said->undecided})
            ids.insert(some->begin(), some->end());
    sides.heading("requirements");
    for (const auto& id : ids)
        if (said_of(before, id) != said_of(after, id)) sides.row(id, said_of(before, id), said_of(after, id));
}

/// The n-th check of this name is the n-th of the other run.
const CheckRecord* counterpart(const TestRecord& test, const CheckRecord& check, const TestRecord& other) {
    const auto same_name = [&](const CheckRecord& any) { return any.name == check.name; };
    auto left = std::ranges::count_if(
        test.checks, [&](const CheckRecord& any) { return same_name(any) && any.number < check.number; });
    for (const auto& any : other.checks)
        if (same_name(any) && left-- == 0) return &any;
    return nullptr;
}

std::string with_margin(const CheckRecord& check) {
    const auto margin = margin_of(check);
    return value_text(check) + (margin ? fmt::format(" (margin {})", number_text(*margin)) : "");
}

void compare_measurements(Sides& sides, const Results& before, const Results& after) {
    const auto second = by_key(after);
    sides.heading("measurements that moved");
    for (const auto& [key, test] : by_key(before)) {
        const auto other = second.find(key);
        if (other == second.end()) continue;
        bool titled = false;
        for (const auto& check : test->checks) {
            const auto* const again = counterpart(*test, check, *other->second);
            if (again == nullptr || !check.value || !again->value || *check.value == *again->value) continue;
            if (!titled) sides.line("  " + title(before, *test));
            titled = true;
            sides.row("  " + check.name, with_margin(check), with_margin(*again));
        }
    }
}

}  // namespace

std::string comparison_text(const Results& before, const Results& after) {
    Sides sides;
    const auto &a = before.run, &b = after.run;
    sides.row("", fmt::format("run {}", before.number), fmt::format("run {}", after.number));
    sides.row("verdict", text_of(before.verdict()), text_of(after.verdict()));
    sides.row("tests", tally_text(before.tally), tally_text(after.tally));
    sides.row("started", a.started_utc, b.started_utc);
    sides.row("profile, fixture", a.profile + ", " + a.fixture, b.profile + ", " + b.fixture);
    sides.row("seed", std::to_string(a.seed), std::to_string(b.seed));
    sides.row("ended", text_of(a.ending), text_of(b.ending));
    compare_files(sides, a, b);
    compare_verdicts(sides, before, after);
    compare_requirements(sides, before.requirements, after.requirements);
    compare_measurements(sides, before, after);
    return sides.text();
}

}  // namespace rig::reports
