// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <memory>

#include "rig/lua/declaration.hpp"

namespace rig::lua {

struct Host;

constexpr std::size_t memory_limit = std::size_t{64} << 20;
constexpr std::int64_t instruction_limit = 50'000'000;  ///< without bench time passing

struct CloseState {
    void operator()(lua_State* L) const { lua_close(L); }
};
using State = std::unique_ptr<lua_State, CloseState>;

/// A Lua state with the harmless parts of the standard library, `require` for
/// "rig" and the script's own modules, and the limits above. Nothing in it
/// depends on addresses or the time of day: `pairs` goes in the keys' order.
State open_sandbox(Host& host);

/// Pushes the file's chunk, named as reports name it; a Lua error when it does not compile.
void load_text(lua_State* L, const ScriptFile& file);

/// Begins math.random's sequence.
void seed_random(lua_State* L, std::uint64_t seed);

}  // namespace rig::lua
