// SPDX-License-Identifier: GPL-3.0-or-later
// rig.check, rig.claim, rig.equal, rig.limits.
#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

using reports::CheckRecord;
using reports::Verdict;

Verdict verdict_of(bool good) {
    return good ? Verdict::passed : Verdict::failed;
}

std::vector<std::string> proves_option(lua_State* L, int index, const char* function) {
    if (lua_isnoneornil(L, index)) return {};
    luaL_checktype(L, index, LUA_TTABLE);
    refuse_other_fields(L, index, function, {"proves"});
    return texts_field(L, index, "proves");
}

int check(lua_State* L) {
    CheckRecord made;
    made.name = text_argument(L, 1);
    luaL_argcheck(L, lua_type(L, 2) == LUA_TNUMBER, 2,
                  lua_pushfstring(L, "number expected, got %s", luaL_typename(L, 2)));
    made.value = lua_tonumber(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    refuse_other_fields(L, 3, "a limit", {"min", "max", "unit"});
    made.low = number_field(L, 3, "min");
    made.high = number_field(L, 3, "max");
    luaL_argcheck(L, made.low || made.high, 3, "a limit needs a min, a max or both");
    if (lua_getfield(L, 3, "unit") != LUA_TNIL) made.unit = luaL_checkstring(L, -1);
    lua_pop(L, 1);
    made.proves = proves_option(L, 4, "rig.check");

    // Written so that what is not a number fails.
    const bool good = !std::isnan(*made.value) && !(made.low && *made.value < *made.low) &&
                      !(made.high && *made.value > *made.high);
    made.verdict = verdict_of(good);
    record(L, made);
    lua_pushboolean(L, good);
    return 1;
}

int claim(lua_State* L) {
    CheckRecord made;
    made.name = text_argument(L, 1);
    const bool holds = boolean_argument(L, 2);
    made.proves = proves_option(L, 3, "rig.claim");
    made.verdict = verdict_of(holds);
    if (!holds) made.detail = "does not hold";
    record(L, made);
    lua_pushboolean(L, holds);
    return 1;
}

std::string shown(lua_State* L, int index) {
    const int type = lua_type(L, index);
    luaL_argcheck(L, type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING,
                  index, "a number, a string, a boolean or nil");
    const std::string text = luaL_tolstring(L, index, nullptr);
    lua_pop(L, 1);
    return type == LUA_TSTRING ? "\"" + text + "\"" : text;
}

int equal(lua_State* L) {
    CheckRecord made;
    made.name = text_argument(L, 1);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    made.detail = fmt::format("found {}, expected {}", shown(L, 2), shown(L, 3));
    made.proves = proves_option(L, 4, "rig.equal");
    const bool good = lua_rawequal(L, 2, 3) != 0;
    if (lua_type(L, 2) == LUA_TNUMBER && lua_type(L, 3) == LUA_TNUMBER) {
        made.value = lua_tonumber(L, 2);
        made.low = made.high = lua_tonumber(L, 3);
        made.detail.clear();
    }
    made.verdict = verdict_of(good);
    record(L, made);
    lua_pushboolean(L, good);
    return 1;
}

int read_limit(lua_State* L) {
    const Host& here = host(L);
    const std::string name = text_argument(L, 2);
    const auto found = here.limits->find(name);
    if (found == here.limits->end()) {
        luaL_error(L, "there is no limit '%s' in %s", name.c_str(), here.limits_file.c_str());
    }
    lua_createtable(L, 0, 3);
    const auto set = [L](const char* key, const std::optional<double>& number) {
        if (!number) return;
        lua_pushnumber(L, *number);
        lua_setfield(L, -2, key);
    };
    set("min", found->second.min);
    set("max", found->second.max);
    lua_pushstring(L, found->second.unit.c_str());
    lua_setfield(L, -2, "unit");
    return 1;
}

int refuse_limit(lua_State* L) {
    return luaL_error(L, "rig.limits is read from %s and cannot be changed", host(L).limits_file.c_str());
}

constexpr luaL_Reg functions[] = {
    {"check", bound<check>}, {"claim", bound<claim>}, {"equal", bound<equal>}, {nullptr, nullptr}};

}  // namespace

void add_checks(lua_State* L) {
    luaL_setfuncs(L, functions, 0);

    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, bound<read_limit>);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, bound<refuse_limit>);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "limits");
}

}  // namespace rig::lua
