// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <lua.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fixtures/bench.hpp"
#include "fixtures/limits_file.hpp"
#include "rig/lua/declaration.hpp"
#include "rig/lua/recorder.hpp"

namespace rig::lua {

/// A claim that `rig.always` holds while its body runs.
struct HeldClaim {
    int condition = LUA_NOREF;  ///< in the registry
    Nanoseconds every{}, next{};
    std::optional<Nanoseconds> broken_at;
};

/// The test under way: its bench, and what it has shown so far.
struct RunningTest {
    Bench& bench;
    Recorder& recorder;
    const TestDeclaration& declared;
    Nanoseconds began{}, deadline{};
    int stray_bytes_before = 0;  ///< on the EXT line, when the test began

    int checks = 0, failed = 0;
    std::string first_failure;
    std::set<std::string> shown;  ///< requirement IDs cited so far
    std::vector<HeldClaim*> held;
    bool asking_held = false;
};

/// What the bindings of one Lua state share; every thread of the state finds it
/// in its extra space.
struct Host {
    ScriptFile script;
    const NamedLimits* limits = nullptr;
    std::string limits_file;
    std::string profile;
    lua_State* state = nullptr;

    int api = 0;
    bool loading = false;
    std::vector<TestDeclaration> declared;
    std::vector<int> bodies;           ///< in the registry, beside `declared`
    bool declared_for_others = false;  ///< tests that do not apply to this profile
    int set_up = LUA_NOREF, tear_down = LUA_NOREF;
    std::string printed;  ///< while loading

    RunningTest* test = nullptr;
    bool tearing_down = false;   ///< which a stop does not cut short
    std::optional<Ending> over;  ///< set: the test is ending and no pcall may stop it

    std::size_t memory_used = 0;
    std::string memory_refused_at;
    std::int64_t instructions = 0;  ///< since bench time last moved
    Nanoseconds moved_at{};
    std::uint64_t steps = 0;  ///< ever growing, read by the watchdog
};

Host& host(lua_State* L);

/// The running test; a Lua error when the script is only being loaded.
RunningTest& running(lua_State* L);

/// "file:line" of the innermost call made by the user's script itself, not by
/// the library that it uses.
std::string script_line(lua_State* L);

/// A message as an operator reads it: what, where, what to try.
std::string described(const std::string& what, const std::string& where, const std::string& remedy);

/// Ends the test whatever the script does to go on.
[[noreturn]] void end_test(lua_State* L, reports::Verdict verdict, const std::string& what,
                           const std::string& remedy = {});

/// Records what the board did wrong as a failed check, and ends the test.
[[noreturn]] void fail_test(lua_State* L, const std::string& name, const std::string& what);

/// Lets bench time pass, asking what `rig.always` holds on the way.
void pass_until(lua_State* L, Nanoseconds target);
void pass_for(lua_State* L, double span_s);

Nanoseconds nanoseconds(double seconds);
double seconds(Nanoseconds span);

/// The operator wants to stop, and there is something left to stop.
bool to_stop(const Host& host);

/// Ends the test when it has used up its bench time or the operator wants to stop.
void mind_the_limits(lua_State* L);

/// Stores a check and counts it; fills in its number, time and line.
void record(lua_State* L, reports::CheckRecord check);

}  // namespace rig::lua
