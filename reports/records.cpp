// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/records.hpp"

#include <algorithm>
#include <cmath>

namespace rig::reports {

const char* text_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return "passed";
        case Verdict::failed:
            return "failed";
        case Verdict::error:
            return "error";
        case Verdict::skipped:
            return "skipped";
    }
    return "error";
}

const char* text_of(RunEnd ending) {
    switch (ending) {
        case RunEnd::complete:
            return "complete";
        case RunEnd::stopped:
            return "stopped";
        case RunEnd::cut_short:
            return "cut short";
        case RunEnd::running:
            return "running";
        case RunEnd::killed:
            return "killed";
    }
    return "killed";
}

std::optional<double> margin_of(const CheckRecord& check) {
    if (!check.value || std::isnan(*check.value) || (!check.low && !check.high)) return std::nullopt;
    const double below = check.low ? *check.value - *check.low : *check.high - *check.value;
    const double above = check.high ? *check.high - *check.value : below;
    return std::min(below, above);
}

}  // namespace rig::reports
