// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>

#include "reports/results.hpp"

namespace rig::reports {

/// Says how a run comes along: on a terminal one line, rewritten in place, and
/// above it a line for each test that did not pass; in a pipe a line per test.
class ConsoleProgress {
public:
    ConsoleProgress(std::ostream& out, bool terminal) : out_(out), terminal_(terminal) {}

    void begin(int total);

    /// `done` tests of `total` have ended, this one last.
    void test_ended(const TestRecord& test, int done, int total);

    /// Takes the progress line away again.
    void finish();

private:
    void show(int done, int total, const std::string& what);
    void clear();

    std::ostream& out_;
    bool terminal_;
    int failed_ = 0, errors_ = 0;
};

/// What a person wants to know when a run is over: what failed, by how much
/// and where; what went wrong; requirements proved and broken; how many of each.
void print_summary(std::ostream& out, const Results& results, bool colour);

}  // namespace rig::reports
