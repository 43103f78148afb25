// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace rig {

/// What a script may do beyond testing.
struct ScriptRights {
    bool all = false;                ///< all of Lua's library: any file, programs, native modules, all memory
    std::filesystem::path folder{};  ///< the run's own: below it each test has its files; empty: no files
};

}  // namespace rig
