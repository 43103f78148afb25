// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig::defects {

/// Runs a program to its end, both its outputs going to `log`. Its exit code; 128 and the signal
/// when one ended it. May be called from several threads at a time. Throws DefectError when the
/// program cannot be started.
int run_program(const std::vector<std::string>& command, const std::filesystem::path& folder,
                const std::filesystem::path& log);

/// The last lines of a log, for a message.
std::string last_lines(const std::filesystem::path& log, std::size_t count);

}  // namespace rig::defects
