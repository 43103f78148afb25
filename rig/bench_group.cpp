// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/bench_group.hpp"

#include <algorithm>

namespace rig {

void BenchGroup::add_signals(Received& message) {
    layout.number = message.number();
    for (auto left = message.number(); left > 0; --left)
        layout.signals.push_back(signal_of(message));
}

const PlannedTest* BenchGroup::drop(const std::vector<PlannedTest>& tests, std::size_t script,
                                    std::size_t test) {
    const auto found = std::find_if(pending.begin(), pending.end(), [&](std::size_t i) {
        return tests[i].script == scripts.at(script) && tests[i].test == test;
    });
    if (found == pending.end()) return nullptr;
    const PlannedTest& planned = tests[*found];
    pending.erase(found);
    return &planned;
}

std::vector<BenchGroup> grouped(const std::vector<PlannedTest>& tests) {
    std::vector<BenchGroup> groups;
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const PlannedTest& test = tests[i];
        if (!test.skip.empty()) continue;
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const BenchGroup& known) { return known.pack == test.pack; });
        if (group == groups.end()) {
            group = groups.emplace(groups.end());
            group->pack = test.pack;
        }
        auto& scripts = group->scripts;
        if (std::find(scripts.begin(), scripts.end(), test.script) == scripts.end())
            scripts.push_back(test.script);
        group->pending.push_back(i);
    }
    return groups;
}

std::vector<reports::InstrumentRecord> instruments_in(Received& message) {
    std::vector<reports::InstrumentRecord> all;
    while (!message.at_end()) {
        const auto texts = message.texts();
        all.push_back({texts.at(0), texts.at(1), texts.at(2)});
    }
    return all;
}

}  // namespace rig
