// SPDX-License-Identifier: GPL-3.0-or-later
// bench.app: the app link. Its other end is a board: no answer is the board's failure.
#include <algorithm>
#include <array>
#include <string_view>

#include "rig/lua/app_handle.hpp"

namespace rig::lua {

namespace {

constexpr std::array<std::string_view, 3> booleans{"critical", "charge_forced_off", "load_forced_off"};

bool is_boolean(std::string_view name) {
    return std::find(booleans.begin(), booleans.end(), name) != booleans.end();
}

double setting_argument(lua_State* L, int index, const std::string& name) {
    if (lua_isboolean(L, index)) {
        if (!is_boolean(name)) luaL_error(L, "setting '%s' takes a number, not a boolean", name.c_str());
        return lua_toboolean(L, index) ? 1.0 : 0.0;
    }
    if (lua_type(L, index) != LUA_TNUMBER) {
        luaL_error(L, "setting '%s' takes a %s, not a %s", name.c_str(),
                   is_boolean(name) ? "boolean" : "number", luaL_typename(L, index));
    }
    return lua_tonumber(L, index);
}

int unlock(lua_State* L) {
    AppClient& client = app(L);
    const std::string pin = lua_isnoneornil(L, 2) ? "1234" : text_argument(L, 2);
    lua_pushboolean(L, talking([&] { return client.unlock(pin); }));
    return 1;
}

int set(lua_State* L) {
    AppClient& client = app(L);
    luaL_checktype(L, 2, LUA_TTABLE);
    AppClient::Settings settings;
    lua_pushnil(L);
    while (lua_next(L, 2) != 0) {
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "settings are named: app:set { v_max_v = 3.60 }");
        const std::string name = lua_tostring(L, -2);
        settings[name] = setting_argument(L, -1, name);
        lua_pop(L, 1);
    }
    talking([&] {
        client.write_all(settings);
        return true;
    });
    return 0;
}

int try_set(lua_State* L) {
    AppClient& client = app(L);
    const std::string name = text_argument(L, 2);
    const double value = setting_argument(L, 3, name);
    const AppClient::Written written = talking([&] { return client.write(name, value); });
    lua_pushboolean(L, written.taken);
    if (written.taken) return 1;
    lua_pushstring(L, written.reason.c_str());
    return 2;
}

int settings(lua_State* L) {
    AppClient& client = app(L);
    const AppClient::Settings all = talking([&] { return client.settings(); });
    lua_createtable(L, 0, static_cast<int>(all.size()));
    for (const auto& [name, value] : all) {
        if (is_boolean(name))
            lua_pushboolean(L, value != 0.0);
        else
            lua_pushnumber(L, value);
        lua_setfield(L, -2, name.c_str());
    }
    return 1;
}

int ask(lua_State* L) {
    AppClient& client = app(L);
    const std::string line = text_argument(L, 2);
    constexpr Nanoseconds within{2'000'000'000};
    const auto answer = talking([&] { return client.ask(line, within); });
    if (answer)
        lua_pushlstring(L, answer->data(), answer->size());
    else
        lua_pushnil(L);
    return 1;
}

int send(lua_State* L) {
    AppClient& client = app(L);
    client.send(text_argument(L, 2));
    return 0;
}

int change_pin(lua_State* L) {
    AppClient& client = app(L);
    const std::string from = text_argument(L, 2);
    const std::string to = text_argument(L, 3);
    lua_pushboolean(L, talking([&] { return client.change_pin(from, to); }));
    return 1;
}

int clear_counters(lua_State* L) {
    AppClient& client = app(L);
    talking([&] {
        client.clear_counters();
        return true;
    });
    return 0;
}

constexpr luaL_Reg methods[] = {
    {"unlock", bound<unlock>},
    {"set", bound<set>},
    {"try_set", bound<try_set>},
    {"settings", bound<settings>},
    {"ask", bound<ask>},
    {"send", bound<send>},
    {"change_pin", bound<change_pin>},
    {"clear_counters", bound<clear_counters>},
    {nullptr, nullptr},
};

}  // namespace

void register_app(lua_State* L) {
    register_type(L, App::type_name, methods);
    add_app_stream(L);
}

void push_app(lua_State* L) {
    push_handle(L, App{});
}

}  // namespace rig::lua
