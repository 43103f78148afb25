// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/defects/suite.hpp"

namespace rig::mutation {

/// In which order tests look for a mutant: first the cheap ones and those that caught others,
/// before all others of the same file. Learns while several workers ask.
class TestOrder {
public:
    /// The tests of one profile, as the sound firmware passed them.
    explicit TestOrder(const std::vector<defects::RanTest>& tests);

    /// Filters for the rig, each of which matches some tests; together they match all but those `known`, each
    /// once.
    std::vector<std::string> stages(const std::string& file, const std::set<std::string>& known = {}) const;

    void add_names_to(std::set<std::string>& known) const;

    void caught(const std::string& file, const std::string& test);

private:
    double worth(const defects::RanTest& test, const std::string& file) const;

    std::vector<defects::RanTest> tests_;
    double whole_s_ = 0.0;
    std::map<std::string, int> catches_;
    std::map<std::pair<std::string, std::string>, int> catches_of_file_;
    mutable std::mutex mutex_;
};

}  // namespace rig::mutation
