// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace rig {

struct TraceOptions {
    std::vector<std::string> profiles;  ///< empty: all
    std::vector<std::string> ids;       ///< empty: all, in short
    std::string format = "text";        ///< or "csv", "json"
    std::string store = "results/rig.sqlite";
    std::string defects = "results/defects.jsonl";
};

/// `rig trace`: requirements against proofs. The exit code: 0 when each that applies is proved or
/// cannot be, else 1; throws what the command line is at fault for.
int trace_command(const TraceOptions& options);

}  // namespace rig
