// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "reports/store.hpp"

namespace rig {

/// Takes what a running test has to say.
class Recorder {
public:
    virtual ~Recorder() = default;

    /// Returns once the check is stored: nothing more happens on the bench before.
    virtual void check(const reports::CheckRecord& check) = 0;

    /// One line of what the script printed.
    virtual void print(const std::string& line) = 0;
};

/// How a test ended, and why if it did not pass.
struct Ending {
    reports::Verdict verdict = reports::Verdict::passed;
    std::string message;
};

}  // namespace rig
