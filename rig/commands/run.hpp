// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "rig/planning.hpp"

namespace rig {

struct RunOptions {
    ScriptOptions scripts;
    std::string junit = "results/junit.xml";
    std::string html = "results/report.html";
    std::string store = "results/rig.sqlite";
    std::uint64_t seed = 1;
    std::string operated_by;
    std::vector<std::string> serials;  ///< "SN", or "DUT=SN"
    int jobs = 0;                      ///< 0: as many as there are processors
    bool records = true;               ///< signals
    bool fail_fast = false;            ///< no test begins once one has not passed
};

/// `rig run`: the exit code; throws what the command line or the bench is at fault for.
int run_command(const RunOptions& options);

}  // namespace rig
