// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rig {

struct ServeOptions {
    std::string fixture;
    std::optional<int> cells;  ///< a pack of so many instead of the fixture's
    std::uint64_t seed = 1;
    double speed = 1.0;  ///< bench seconds to a second
    std::string output = "results/served.toml";
    std::vector<std::string> command;  ///< to be run meanwhile; empty: until a signal comes
};

/// `rig serve`: a virtual bench in real time, for other programs. Ends with its command, whose exit code it
/// gives, or with a signal: 0. Throws what the command line or the fixture is at fault for.
int serve_command(const ServeOptions& options);

}  // namespace rig
