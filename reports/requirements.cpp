// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/requirements.hpp"

namespace rig::reports {

Requirements requirements_of(const std::vector<TestRecord>& tests) {
    Requirements result;
    for (const auto& test : tests)
        for (const auto& check : test.checks) {
            auto& said = check.verdict != Verdict::passed ? result.broken
                         : test.verdict == Verdict::error ? result.undecided
                                                          : result.proved;
            said.insert(check.proves.begin(), check.proves.end());
        }
    for (const auto& id : result.broken) {
        result.proved.erase(id);
        result.undecided.erase(id);
    }
    for (const auto& id : result.undecided)
        result.proved.erase(id);
    return result;
}

}  // namespace rig::reports
