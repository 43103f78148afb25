// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace rig {

struct PushOptions {
    std::string server;  ///< postgresql://…
    std::string store = "results/rig.sqlite";
};

/// `rig push`: the exit code.
int push_command(const PushOptions& options);

}  // namespace rig
