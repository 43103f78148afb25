// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace rig {

struct ReportOptions {
    std::vector<std::string> compare;  ///< two runs, or empty
    std::string run;                   ///< number or beginning of the UUID; empty: the latest
    std::string format = "text";
    std::string output;  ///< empty: standard output
    std::string store = "results/rig.sqlite";
    bool list = false;
};

/// The words for --format.
const std::vector<std::string>& report_formats();

/// `rig report`: any report of any run in the store; the exit code. Throws what
/// the command line or the store is at fault for.
int report_command(const ReportOptions& options);

}  // namespace rig
