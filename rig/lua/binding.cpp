// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/binding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "firmware/core/ext_status.hpp"

namespace rig::lua {

void register_type(lua_State* L, const char* type_name, const luaL_Reg* methods) {
    luaL_newmetatable(L, type_name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, type_name);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

double finite_argument(lua_State* L, int index) {
    const double number = luaL_checknumber(L, index);
    luaL_argcheck(L, std::isfinite(number), index, "not a finite number");
    return number;
}

double positive_argument(lua_State* L, int index, std::optional<double> otherwise) {
    if (otherwise && lua_isnoneornil(L, index)) return *otherwise;
    const double number = finite_argument(L, index);
    luaL_argcheck(L, number >= 0.0, index, "must not be negative");
    return number;
}

bool boolean_argument(lua_State* L, int index) {
    luaL_checktype(L, index, LUA_TBOOLEAN);
    return lua_toboolean(L, index) != 0;
}

int integer_argument(lua_State* L, int index, int least, int most) {
    const lua_Integer number = luaL_checkinteger(L, index);
    if (number < least || number > most) {
        luaL_argerror(L, index, lua_pushfstring(L, "%d to %d, not %I", least, most, number));
    }
    return static_cast<int>(number);
}

std::string text_argument(lua_State* L, int index) {
    std::size_t length = 0;
    const char* text = luaL_checklstring(L, index, &length);
    return {text, length};
}

std::optional<double> number_field(lua_State* L, int table, const char* key) {
    const int type = lua_getfield(L, table, key);
    std::optional<double> number;
    if (type == LUA_TNUMBER) {
        number = lua_tonumber(L, -1);
        if (!std::isfinite(*number)) luaL_error(L, "'%s' is not a finite number", key);
    } else if (type != LUA_TNIL) {
        luaL_error(L, "'%s' must be a number, not a %s", key, luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    return number;
}

std::vector<std::string> texts_field(lua_State* L, int table, const char* key) {
    std::vector<std::string> texts;
    const int type = lua_getfield(L, table, key);
    if (type != LUA_TNIL) {
        if (type != LUA_TTABLE)
            luaL_error(L, "'%s' must be a list of strings, not a %s", key, luaL_typename(L, -1));
        const lua_Integer count = luaL_len(L, -1);
        for (lua_Integer i = 1; i <= count; ++i) {
            if (lua_geti(L, -1, i) != LUA_TSTRING) {
                luaL_error(L, "'%s' must be a list of strings: entry %I is a %s", key, i,
                           luaL_typename(L, -1));
            }
            texts.emplace_back(lua_tostring(L, -1));
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    return texts;
}

void set_number(lua_State* L, const char* key, double number) {
    lua_pushnumber(L, number);
    lua_setfield(L, -2, key);
}

void set_integer(lua_State* L, const char* key, lua_Integer number) {
    lua_pushinteger(L, number);
    lua_setfield(L, -2, key);
}

void set_boolean(lua_State* L, const char* key, bool holds) {
    lua_pushboolean(L, holds);
    lua_setfield(L, -2, key);
}

void set_alarm(lua_State* L, std::uint8_t status) {
    const auto is_up = [&](std::uint8_t bit) { return (status & bit) != 0; };
    lua_createtable(L, 0, 5);
    set_boolean(L, "e", is_up(bms::status1::communication_error));
    set_boolean(L, "vl", is_up(bms::status1::v_min));
    set_boolean(L, "vh", is_up(bms::status1::v_max));
    set_boolean(L, "tl", is_up(bms::status1::t_min));
    set_boolean(L, "th", is_up(bms::status1::t_max));
    lua_setfield(L, -2, "alarm");
}

void refuse_other_fields(lua_State* L, int table, const char* what,
                         std::initializer_list<std::string_view> known) {
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING &&
            std::find(known.begin(), known.end(), std::string_view(lua_tostring(L, -1))) != known.end()) {
            continue;
        }
        const std::string unknown = luaL_tolstring(L, -1, nullptr);
        luaL_error(L, "%s has no option '%s'", what, unknown.c_str());
    }
}

void complain_about_absent_keys(lua_State* L, const std::string& message) {
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, message.data(), message.size());
    lua_pushcclosure(
        L,
        [](lua_State* state) {
            const char* key = luaL_tolstring(state, 2, nullptr);
            const char* text = luaL_gsub(state, lua_tostring(state, lua_upvalueindex(1)), "%s", key);
            return luaL_error(state, "%s", text);
        },
        1);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "rig");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

void push_edges(lua_State* L, DigitalInput& line, Nanoseconds since) {
    if (since < line.edges_whole_from()) {
        luaL_error(L,
                   "of so many edges those before %f s are forgotten: ask with a since_s that is not earlier",
                   seconds(line.edges_whole_from()));
    }
    lua_newtable(L);
    lua_Integer count = 0;
    for (const Edge& edge : line.edges()) {
        if (edge.at < since) continue;
        lua_createtable(L, 0, 2);
        lua_pushnumber(L, seconds(edge.at));
        lua_setfield(L, -2, "at_s");
        lua_pushboolean(L, edge.active);
        lua_setfield(L, -2, "active");
        lua_seti(L, -2, ++count);
    }
}

Nanoseconds since_argument(lua_State* L, int index) {
    if (lua_isnoneornil(L, index)) return running(L).began;
    return nanoseconds(finite_argument(L, index));
}

DigitalInput& input(lua_State* L, const std::string& signal) {
    const auto& inputs = running(L).bench.inputs;
    const auto found = inputs.find(signal);
    if (found == inputs.end()) {
        luaL_error(L, "this bench does not sense %s: say so in the test's `needs`", signal.c_str());
    }
    return *found->second;
}

DigitalOutput& output(lua_State* L, const std::string& signal) {
    const auto& outputs = running(L).bench.outputs;
    const auto found = outputs.find(signal);
    if (found == outputs.end()) {
        luaL_error(L, "this bench does not drive %s: say so in the test's `needs`", signal.c_str());
    }
    return *found->second;
}

}  // namespace rig::lua
