// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/sandbox.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>

#include "rig/guard_line.hpp"
#include "rig/lua/binding.hpp"
#include "rig/stop.hpp"

namespace rig::lua {

namespace {

constexpr int instructions_between_looks = 10'000;
constexpr const char* random_seed_key = "rig.randomseed";
constexpr const char* modules_key = "rig.modules";

void* allocate(void* user, void* block, std::size_t old_size, std::size_t new_size) {
    Host& here = *static_cast<Host*>(user);
    if (block == nullptr) old_size = 0;  // Lua passes what kind of object it wants
    if (new_size == 0) {
        std::free(block);
        here.memory_used -= old_size;
        return nullptr;
    }
    if (new_size > old_size && here.memory_used + (new_size - old_size) > memory_limit) {
        if (here.state != nullptr) here.memory_refused_at = script_line(here.state);
        return nullptr;
    }
    void* moved = std::realloc(block, new_size);
    if (moved != nullptr) here.memory_used += new_size - old_size;
    return moved;
}

void look(lua_State* L, lua_Debug*) {
    Host& here = host(L);
    here.steps += 1;
    show_life();
    here.instructions += instructions_between_looks;
    if (here.over) luaL_error(L, "the test is ending");
    if (to_stop(here)) end_test(L, reports::Verdict::error, stopped);
    if (here.test != nullptr) {
        const Nanoseconds now = here.test->bench.clock->now();
        if (now != here.moved_at) here.instructions = 0;
        here.moved_at = now;
        mind_the_limits(L);  // on a real bench time passes by itself
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

    if (!is_module_name(name)) luaL_error(L, "require \"%s\": not a module's name", name.c_str());
    const ScriptFile module = module_file(host(L).script, name);
    if (!std::filesystem::is_regular_file(module.path)) {
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

constexpr const char* prelude = R"lua(
local unless_over = ...
local next_of, sort, meta_of, kind, raw = next, table.sort, getmetatable, type, rawget
local pcall_, resume, close = pcall, coroutine.resume, coroutine.close

function pcall(...) return unless_over(pcall_(...)) end
-- Lua's own runs the handler where no hook does: a loop in it could not be ended.
local function handled(handler, ok, ...)
  if ok then return true, ... end
  return false, handler(...)
end
function xpcall(f, handler, ...) return handled(handler, unless_over(pcall_(f, ...))) end
function coroutine.resume(...) return unless_over(resume(...)) end
function coroutine.close(...) return unless_over(close(...)) end

local rank = { number = 1, string = 2, boolean = 3 }
local function before(a, b)
  local ra, rb = rank[kind(a)] or 4, rank[kind(b)] or 4
  if ra ~= rb then return ra < rb end
  if ra <= 2 then return a < b end
  return ra == 3 and not a and b
end

function next(t, key)
  local least
  for k in next_of, t do
    if not rank[kind(k)] then return next_of(t, key) end  -- objects have no order
    if (key == nil or before(key, k)) and (least == nil or before(k, least)) then least = k end
  end
  if least == nil then return nil end
  return least, raw(t, least)
end

function pairs(t)
  local meta = meta_of(t)
  if kind(meta) == "table" and meta.__pairs then return meta.__pairs(t) end
  local keys, n, i = {}, 0, 0
  for k in next_of, t do n = n + 1; keys[n] = k end
  sort(keys, before)
  return function()
    while i < n do
      i = i + 1
      local value = raw(t, keys[i])
      if value ~= nil then return keys[i], value end
    end
  end, t, nil
end
)lua";

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

void tame_libraries(lua_State* L) {
    lua_getglobal(L, LUA_MATHLIBNAME);
    lua_getfield(L, -1, "randomseed");
    lua_setfield(L, LUA_REGISTRYINDEX, random_seed_key);
    lua_pop(L, 1);

    // What reads files, takes byte code, or differs from one run to the next.
    remove(L, LUA_MATHLIBNAME, "randomseed");
    remove(L, LUA_STRLIBNAME, "dump");
    for (const char* function : {"dofile", "loadfile", "load", "collectgarbage", "warn"}) {
        remove(L, LUA_GNAME, function);
    }
    lua_pushcfunction(L, bound<print>);
    lua_setglobal(L, "print");
    lua_pushcfunction(L, bound<require>);
    lua_setglobal(L, "require");

    if (luaL_loadbufferx(L, prelude, std::char_traits<char>::length(prelude), "=rig", "t") != LUA_OK)
        lua_error(L);
    lua_pushcfunction(L, unless_over);
    lua_call(L, 1, 0);
}

void add_rig(lua_State* L) {
    register_cells(L);
    register_sensors(L);
    register_temperatures(L);
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

State open_sandbox(Host& host) {
    State state(lua_newstate(allocate, &host));
    if (!state) throw std::bad_alloc();
    *static_cast<Host**>(lua_getextraspace(state.get())) = &host;
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
