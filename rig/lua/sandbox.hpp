// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <memory>

#include "rig/lua/declaration.hpp"
#include "rig/lua/host.hpp"
#include "rig/lua/script_rights.hpp"

namespace rig::lua {

constexpr std::size_t memory_limit = std::size_t{64} << 20;

/// What may be spent without bench time passing; a second of bench time pays for as many
/// instructions again, and for some processor time.
constexpr std::int64_t instruction_limit = 50'000'000;
constexpr double processor_limit_s = 5.0, processor_s_per_bench_s = 5.0;

/// What a test may write into its files, and what it may record as checks.
constexpr std::size_t file_limit = std::size_t{64} << 20, record_limit = std::size_t{16} << 20;

/// The host of a script that is kept within these bounds.
struct ConfinedHost : Host {
    ScriptRights rights;
    std::filesystem::path folder;  ///< of the running test, for its files; made when it writes one
    std::size_t files_open = 0, file_bytes = 0, record_bytes = 0;
    double processor_s = 0.0;  ///< spent, and not paid for by bench time
    double processor_then_s = 0.0;
};

ConfinedHost& confined(lua_State* L);

/// What was spent so far is forgotten: a new call into the script begins.
void spend_afresh(ConfinedHost& host);

struct CloseState {
    void operator()(lua_State* L) const { lua_close(L); }
};
using State = std::unique_ptr<lua_State, CloseState>;

/// A Lua state with the harmless parts of the standard library, `require` for
/// "rig" and the script's own modules, and the limits above; with all of the library where
/// the host's rights say so. Nothing in it depends on addresses or the time of day: `pairs`
/// goes in the keys' order.
State open_sandbox(ConfinedHost& host);

/// Pushes the file's chunk, named as reports name it; a Lua error when it does not compile.
void load_text(lua_State* L, const ScriptFile& file);

/// Begins math.random's sequence.
void seed_random(lua_State* L, std::uint64_t seed);

}  // namespace rig::lua
