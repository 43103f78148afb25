// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <lua.hpp>

namespace rig::lua {

/// Sets the global `io`: open, lines and type, as Lua has them, for files in the running test's own
/// folder alone. Neither a name nor a symbolic link leads out of it.
void add_own_files(lua_State* L);

}  // namespace rig::lua
