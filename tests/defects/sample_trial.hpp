// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/defects/trial.hpp"

namespace rig::defects {

/// One defect on one profile, a check that cites what it breaks and one that does not.
inline const Trial trial{{"v-max-missed", "firmware/core/x.hpp", "a", "b", {"RLY-01", "ALM-01"}, {}},
                         "gen3-hw2",
                         "fixtures/gen3-hw2-4s.toml",
                         {"RLY-01", "ALM-01"}};
inline const FailedCheck own{"V-max trip, cell 1", "acceptance/charge_relay.lua:26", {"RLY-01"}};
inline const FailedCheck other{"says \"Vh\"", "acceptance/alarms.lua:9", {"ALM-02"}};

/// What three tests make of it, of which these checks failed.
inline DefectResult result(std::vector<FailedCheck> failed, int errors = 0) {
    return judged(trial, {0.0, false, std::vector<RanTest>(3), errors, std::move(failed), {}});
}

}  // namespace rig::defects
