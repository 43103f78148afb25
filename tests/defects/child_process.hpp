// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace rig::defects {

/// Set by a signal: programs that run are ended, and none begins.
extern std::atomic<bool> stopped;

/// How a program ended, with all that it started.
struct Ended {
    int code = 0;  ///< its exit code; 128 and the signal when one ended it
    double cpu_s = 0.0;
    bool over_limit = false;  ///< it was ended for the processor time that it took
};

/// Runs a program to its end, both its outputs going to `log`. May be called from several threads at
/// a time. `cpu_limit_s`: 0 is none. Throws DefectError when the program cannot be started.
Ended run_program(const std::vector<std::string>& command, const std::filesystem::path& folder,
                  const std::filesystem::path& log, double cpu_limit_s = 0.0);

/// The last lines of a log, for a message.
std::string last_lines(const std::filesystem::path& log, std::size_t count);

}  // namespace rig::defects
