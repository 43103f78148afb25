// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "rig/lua/declaration.hpp"
#include "rig/lua/script.hpp"

namespace rig {

/// A script as its loading showed it.
struct CollectedScript {
    ScriptFile file;
    std::vector<TestDeclaration> tests;
    std::string printed;  ///< by its top level
    std::string error;    ///< why it cannot be loaded; empty when it can
};

/// Loads a script in a process of its own, which may hang, crash or fill the
/// memory without harm.
CollectedScript collect(const ScriptFile& file, const Script::Limits& limits);

}  // namespace rig
