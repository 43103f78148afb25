// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/test_order.hpp"

#include <algorithm>
#include <array>

namespace rig::mutation {

namespace {

/// What share of the whole suite's time the tests up to the end of each stage may take.
constexpr std::array<double, 3> stage_ends{0.04, 0.25, 1.0};

/// What any test costs beside its bench time: its fork, its reports.
constexpr double own_cost_s = 10.0;

std::string literal(const std::string& name) {
    std::string escaped;
    for (const char c : name) {
        if (std::string("\\^$.|?*+()[]{}").find(c) != std::string::npos) escaped += '\\';
        escaped += c;
    }
    return escaped;
}

}  // namespace

TestOrder::TestOrder(const std::vector<defects::RanTest>& tests) : tests_(tests) {
    for (const defects::RanTest& test : tests_)
        whole_s_ += test.bench_s + own_cost_s;
}

double TestOrder::worth(const defects::RanTest& test, const std::string& file) const {
    const auto count = [](const auto& table, const auto& key) {
        const auto found = table.find(key);
        return found == table.end() ? 0 : found->second;
    };
    // A catch in the same file speaks for a test; one elsewhere does a little.
    const double likely =
        1.0 + count(catches_, test.name) + 8.0 * count(catches_of_file_, std::pair{file, test.name});
    return likely / (test.bench_s + own_cost_s);
}

std::vector<std::string> TestOrder::stages(const std::string& file,
                                           const std::set<std::string>& known) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<const defects::RanTest*> order;
    for (const defects::RanTest& test : tests_)
        if (known.count(test.name) == 0) order.push_back(&test);
    std::stable_sort(order.begin(), order.end(),
                     [&](const auto* a, const auto* b) { return worth(*a, file) > worth(*b, file); });
    std::vector<std::string> filters;
    double spent_s = 0.0;
    auto next = order.begin();
    for (const double end : stage_ends) {
        std::string names;
        while (next != order.end() && (names.empty() || spent_s < end * whole_s_ || end == 1.0)) {
            names += (names.empty() ? "" : "|") + literal((*next)->name);
            spent_s += (*next++)->bench_s + own_cost_s;
        }
        if (!names.empty()) filters.push_back("^(" + names + ")$");
    }
    return filters;
}

void TestOrder::add_names_to(std::set<std::string>& known) const {
    for (const defects::RanTest& test : tests_)
        known.insert(test.name);
}

void TestOrder::caught(const std::string& file, const std::string& test) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++catches_[test];
    ++catches_of_file_[{file, test}];
}

}  // namespace rig::mutation
