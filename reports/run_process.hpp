// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace rig::reports {

/// Which process this is, in words that no later one shares: boot, number and
/// when it started.
std::string this_process();

/// Whether that process still runs on this machine.
bool is_there(const std::string& process);

}  // namespace rig::reports
