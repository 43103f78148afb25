// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/sandbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>
#include <utility>

#include "rig/guard_line.hpp"
#include "rig/lua/binding.hpp"
#include "rig/lua/own_files.hpp"
#include "rig/lua/prelude.hpp"
#include "rig/stop.hpp"

namespace rig::lua {

namespace {

constexpr int instructions_between_looks = 10'000;
constexpr const char* random_seed_key = "rig.randomseed";
constexpr const char* modules_key = "rig.modules";
constexpr const char* own_require_key = "rig.require";
constexpr std::size_t most_printed = std::size_t{256} << 10;

void* allocate(void* user, void* block, std::size_t old_size, std::size_t new_size) {
    ConfinedHost& here = *static_cast<ConfinedHost*>(user);
    if (block == nullptr) old_size = 0;  // Lua passes what kind of object it wants
    if (new_size == 0) {
        std::free(block);
        here.memory_used -= old_size;
        return nullptr;
    }
    const bool too_much = new_size > old_size && here.memory_used + (new_size - old_size) > memory_limit;
    if (too_much && !here.rights.all) {
        if (here.state != nullptr) here.memory_refused_at = script_line(here.state);
        return nullptr;
    }
    void* moved = std::realloc(block, new_size);
    if (moved != nullptr) here.memory_used += new_size - old_size;
    return moved;
}

double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// Bench time pays for what was spent before, and never in advance.
void pay(ConfinedHost& here, double bench_s) {
    const auto instructions = static_cast<double>(instruction_limit) * bench_s;
    here.instructions -=
        static_cast<std::int64_t>(std::min(instructions, static_cast<double>(here.instructions)));
    here.processor_s -= std::min(processor_s_per_bench_s * bench_s, here.processor_s);
}

void look(lua_State* L, lua_Debug*) {
    ConfinedHost& here = confined(L);
    here.steps += 1;
    show_life();
    here.instructions += instructions_between_looks;
    if (here.over) luaL_error(L, "the test is ending");
    if (to_stop(here)) end_test(L, reports::Verdict::error, stopped);
    const double processor_now_s = processor_seconds();
    here.processor_s += processor_now_s - std::exchange(here.processor_then_s, processor_now_s);
    if (here.test != nullptr) {
        const Nanoseconds now = here.test->bench.clock->now();
        pay(here, seconds(now - std::exchange(here.moved_at, now)));
        mind_the_limits(L);  // on a real bench time passes by itself
    }
    if (here.processor_s > processor_limit_s) {
        end_test(
            L, reports::Verdict::error,
            fmt::format("the script took {:g} s of processor time and let hardly any bench time pass: an "
                        "endless loop?",
                        processor_limit_s),
            "wait with rig.wait or rig.eventually, which run the bench");
    }
    if (here.instructions > instruction_limit) {
        end_test(
            L, reports::Verdict::error,
            fmt::format(
                "the script ran {} million instructions without letting bench time pass: an endless loop?",
                instruction_limit / 1'000'000),
            "wait with rig.wait or rig.eventually, which run the bench");
    }
}

/// Keeps a test that is ending from being caught by the script's own pcall.
int unless_over(lua_State* L) {
    const Host& here = host(L);
    if (here.over) luaL_error(L, "%s", here.over->message.c_str());
    return lua_gettop(L);
}

int print(lua_State* L) {
    if (host(L).test == nullptr && host(L).printed.size() >= most_printed) return 0;
    std::string line;
    for (int i = 1; i <= lua_gettop(L); ++i) {
        if (i > 1) line += '\t';
        std::size_t length = 0;
        const char* text = luaL_tolstring(L, i, &length);
        line.append(text, length);
        lua_pop(L, 1);
    }
    Host& here = host(L);
    if (here.test != nullptr)
        here.test->recorder.event("print", line);
    else
        here.printed += line + "\n";
    return 0;
}

bool is_module_name(const std::string& name) {
    return !name.empty() && name.front() != '.' && name.back() != '.' &&
           name.find("..") == std::string::npos &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") ==
               std::string::npos;
}

/// The file of a module, and what messages call it.
ScriptFile module_file(const ScriptFile& script, const std::string& name) {
    std::string relative = name;
    for (char& c : relative)
        c = c == '.' ? '/' : c;
    relative += ".lua";
    if (relative.rfind("lib/", 0) == 0)
        return {script.library / relative.substr(4), relative, script.library};
    const auto beside = std::filesystem::path(script.name).parent_path() / relative;
    return {script.path.parent_path() / relative, beside.generic_string(), script.library};
}

int require(lua_State* L) {
    const std::string name = text_argument(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, modules_key);
    if (lua_getfield(L, -1, name.c_str()) != LUA_TNIL) return 1;
    lua_pop(L, 1);

    if (!is_module_name(name) && !confined(L).rights.all)
        luaL_error(L, "require \"%s\": not a module's name", name.c_str());
    const ScriptFile module = module_file(host(L).script, name);
    if (!std::filesystem::is_regular_file(module.path)) {
        if (confined(L).rights.all) {
            lua_getfield(L, LUA_REGISTRYINDEX, own_require_key);
            lua_pushvalue(L, 1);
            lua_call(L, 1, 1);
            return 1;
        }
        luaL_error(L,
                   "there is no module \"%s\": looked for %s (modules are \"rig\", \"lib.<name>\" and files "
                   "beside the script)",
                   name.c_str(), module.path.c_str());
    }
    load_text(L, module);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name.c_str());
    return 1;
}

void open_libraries(lua_State* L) {
    constexpr luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table},
                                      {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
                                      {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine}};
    for (const luaL_Reg& library : libraries) {
        luaL_requiref(L, library.name, library.func, 1);
        lua_pop(L, 1);
    }
}

void remove(lua_State* L, const char* library, const char* function) {
    lua_getglobal(L, library);
    lua_pushnil(L);
    lua_setfield(L, -2, function);
    lua_pop(L, 1);
}

void take_away_what_harms(lua_State* L) {
    // What reads files, takes byte code, or differs from one run to the next.
    remove(L, LUA_MATHLIBNAME, "randomseed");
    remove(L, LUA_STRLIBNAME, "dump");
    for (const char* function : {"dofile", "loadfile", "load", "collectgarbage", "warn"}) {
        remove(L, LUA_GNAME, function);
    }
    add_own_files(L);
}

void tame_libraries(lua_State* L) {
    lua_getglobal(L, LUA_MATHLIBNAME);
    lua_getfield(L, -1, "randomseed");
    lua_setfield(L, LUA_REGISTRYINDEX, random_seed_key);
    lua_pop(L, 1);
    lua_getglobal(L, "require");
    lua_setfield(L, LUA_REGISTRYINDEX, own_require_key);

    const bool trusted = confined(L).rights.all;
    if (!trusted) take_away_what_harms(L);
    lua_pushcfunction(L, bound<print>);
    lua_setglobal(L, "print");
    lua_pushcfunction(L, bound<require>);
    lua_setglobal(L, "require");

    const auto run = [L](const char* text) {
        if (luaL_loadbufferx(L, text, std::char_traits<char>::length(text), "=rig", "t") != LUA_OK)
            lua_error(L);
        lua_pushcfunction(L, unless_over);
        lua_call(L, 1, 0);
    };
    run(prelude);
    if (!trusted) run(confinement);
}

void add_rig(lua_State* L) {
    register_cells(L);
    register_sensors(L);
    register_temperatures(L);
    register_meters(L);
    register_relays(L);
    register_lights(L);
    register_switches(L);
    register_buttons(L);
    register_chain(L);
    register_boards(L);
    register_app(L);
    register_ext(L);
    register_service(L);
    register_first_ext(L);

    lua_newtable(L);  // modules already required, by name
    lua_newtable(L);  // rig
    add_declarations(L);
    add_checks(L);
    add_flow(L);
    complain_about_absent_keys(L, "the module rig has no '%s'");
    lua_setfield(L, -2, "rig");
    lua_setfield(L, LUA_REGISTRYINDEX, modules_key);
}

int furnish(lua_State* L) {
    if (confined(L).rights.all)
        luaL_openlibs(L);
    else
        open_libraries(L);
    tame_libraries(L);
    add_rig(L);
    return 0;
}

}  // namespace

void load_text(lua_State* L, const ScriptFile& file) {
    std::ifstream in(file.path, std::ios::binary);
    std::ostringstream text;
    // Nothing to put in counts as a failure: an empty file has nothing.
    if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
    if (!in.is_open() || in.bad() || !text) luaL_error(L, "cannot read %s", file.path.c_str());
    const std::string source = text.str();
    if (luaL_loadbufferx(L, source.data(), source.size(), ("@" + file.name).c_str(), "t") != LUA_OK)
        lua_error(L);
}

ConfinedHost& confined(lua_State* L) {
    return static_cast<ConfinedHost&>(host(L));
}

void spend_afresh(ConfinedHost& host) {
    host.instructions = 0;
    host.processor_s = 0.0;
    host.processor_then_s = processor_seconds();
    if (host.test != nullptr) host.moved_at = host.test->bench.clock->now();
}

State open_sandbox(ConfinedHost& host) {
    State state(lua_newstate(allocate, &host));
    if (!state) throw std::bad_alloc();
    *static_cast<Host**>(lua_getextraspace(state.get())) = &host;
    spend_afresh(host);
    lua_pushcfunction(state.get(), furnish);
    if (lua_pcall(state.get(), 0, 0, 0) != LUA_OK) {
        throw std::runtime_error(fmt::format("cannot open Lua: {}", lua_tostring(state.get(), -1)));
    }
    lua_sethook(state.get(), look, LUA_MASKCOUNT, instructions_between_looks);
    host.state = state.get();
    return state;
}

void seed_random(lua_State* L, std::uint64_t seed) {
    lua_getfield(L, LUA_REGISTRYINDEX, random_seed_key);
    lua_pushinteger(L, static_cast<lua_Integer>(seed));
    lua_pushinteger(L, 0);
    lua_call(L, 2, 0);
}

}  // namespace rig::lua
