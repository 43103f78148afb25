// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fixtures/fixture.hpp"
#include "rig/collect.hpp"
#include "rig/project_folder.hpp"
#include "rig/selection.hpp"

namespace rig {

/// What `rig run` and `rig list` are told alike.
struct ScriptOptions {
    std::string fixture;               ///< empty: the project's own, of `profile`
    std::string profile;               ///< empty: the default one, or the fixture's
    std::optional<int> cells;          ///< a pack of so many instead of the fixture's
    std::vector<std::string> scripts;  ///< empty: all acceptance scripts
    Selection selection;
    bool trusts_scripts = false;  ///< they may do all that Lua can
};

/// Everything the command line names, read and found good.
struct Planned {
    ProjectFolder project;
    Fixture fixture;
    std::string bench;  ///< what results call the fixture: its file, and the cells where they are others
    Script::Limits limits;
    std::vector<CollectedScript> scripts;  ///< those that do not load as well
};

/// Throws UsageError or FixtureError. `nothing_wanted` is for after.
Planned plan(const ScriptOptions& options);

/// The message for a selection that no test meets.
std::string nothing_wanted(const Planned& planned, const Selection& selection);

}  // namespace rig
