// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "reports/records.hpp"

namespace rig {

/// Takes what a running test has to say.
class Recorder {
public:
    virtual ~Recorder() = default;

    /// Returns once the check is stored: nothing more happens on the bench before.
    virtual void check(const reports::CheckRecord& check) = 0;

    /// What happened that is no check: its time is filled in.
    virtual void event(const std::string& kind, const std::string& text) = 0;
};

/// How a test ended, and why if it did not pass.
struct Ending {
    reports::Verdict verdict = reports::Verdict::passed;
    std::string message;
};

}  // namespace rig
