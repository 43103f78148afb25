// SPDX-License-Identifier: GPL-3.0-or-later
// rig.api, rig.test, rig.set_up, rig.tear_down: what a script says of its tests while it is loaded.
#include <fmt/format.h>

#include <algorithm>

#include "fixtures/profile.hpp"
#include "rig/lua/binding.hpp"
#include "rig/lua/needs.hpp"

namespace rig::lua {

namespace {

constexpr int api_version = 1;

Host& loading(lua_State* L, const char* function) {
    Host& here = host(L);
    if (!here.loading) luaL_error(L, "%s is for the script's top level, not for inside a test", function);
    if (here.api == 0) luaL_error(L, "a script begins with rig.api(1)");
    return here;
}

int api(lua_State* L) {
    const lua_Integer version = luaL_checkinteger(L, 1);
    if (version != api_version) luaL_error(L, "rig.api(%I): this rig speaks version 1", version);
    host(L).api = api_version;
    return 0;
}

bool is_requirement_id(const std::string& id) {
    const auto dash = id.find('-');
    return dash != std::string::npos && dash > 0 && dash + 1 < id.size() &&
           std::all_of(id.begin(), id.begin() + static_cast<long>(dash),
                       [](char c) { return c >= 'A' && c <= 'Z'; }) &&
           id.find_first_not_of("0123456789", dash + 1) == std::string::npos;
}

/// A misspelt ID would prove nothing, and nobody would miss it.
void refuse_unknown(lua_State* L, const std::string& id) {
    if (!is_requirement_id(id))
        luaL_error(L, "proves: '%s' is not a requirement ID such as RLY-01", id.c_str());
    const auto& known = host(L).script.requirements;
    if (known && known->count(id) == 0)
        luaL_error(L, "proves: there is no requirement %s in scripts/requirements.toml", id.c_str());
}

void read_options(lua_State* L, int table, TestDeclaration& made) {
    luaL_checktype(L, table, LUA_TTABLE);
    refuse_other_fields(L, table, "rig.test",
                        {"needs", "proves", "profiles", "tags", "limit_s", "cells", "uncalibrated"});
    made.needs = texts_field(L, table, "needs");
    for (const std::string& need : made.needs) {
        if (!is_need(need)) luaL_error(L, "needs: there is no signal '%s' on any bench", need.c_str());
    }
    made.proves = texts_field(L, table, "proves");
    for (const std::string& id : made.proves)
        refuse_unknown(L, id);
    made.tags = texts_field(L, table, "tags");
    std::sort(made.tags.begin(), made.tags.end());
    made.tags.erase(std::unique(made.tags.begin(), made.tags.end()), made.tags.end());
    if (const auto limit_s = number_field(L, table, "limit_s")) {
        if (*limit_s <= 0.0 || *limit_s > 1e9)
            luaL_error(L, "limit_s must be above 0 and at most a thousand million seconds");
        made.limit_s = *limit_s;
    }
    if (const auto cells = number_field(L, table, "cells")) {
        if (*cells < 2 || *cells > 255 || *cells != static_cast<int>(*cells))
            luaL_error(L, "cells must be 2 to 255");
        made.cells = static_cast<int>(*cells);
    }
    if (lua_getfield(L, table, "uncalibrated") != LUA_TNIL) {
        luaL_argcheck(L, lua_isboolean(L, -1), 2, "uncalibrated must be true or false");
        made.uncalibrated = lua_toboolean(L, -1) != 0;
    }
    lua_pop(L, 1);
}

/// Whether the test in the table of options applies to the profile of this run.
bool applies(lua_State* L, int table, const std::string& profile) {
    if (lua_getfield(L, table, "profiles") == LUA_TNIL) {
        lua_pop(L, 1);
        return true;
    }
    lua_pop(L, 1);
    const std::vector<std::string> names = texts_field(L, table, "profiles");
    if (names.empty()) luaL_error(L, "profiles: an empty list; leave it out where all profiles are meant");
    for (const std::string& name : names) {
        if (!is_profile_or_generation(name)) {
            luaL_error(L, "profiles: '%s' is none; there are %s, and gen2 and gen3 for both of theirs",
                       name.c_str(), fmt::format("{}", fmt::join(profiles, ", ")).c_str());
        }
    }
    return names_profile(names, profile);
}

int test(lua_State* L) {
    Host& here = loading(L, "rig.test");
    TestDeclaration made;
    made.name = text_argument(L, 1);
    luaL_argcheck(L, !made.name.empty(), 1, "a test needs a name");
    constexpr std::size_t longest_name = 500, most_tests = 10'000;
    luaL_argcheck(L, made.name.size() <= longest_name, 1, "a test's name has 500 characters at most");
    if (here.declared.size() >= most_tests) luaL_error(L, "a script declares 10000 tests at most");
    read_options(L, 2, made);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    if (!applies(L, 2, here.profile)) {
        here.declared_for_others = true;
        return 0;
    }

    lua_Debug call;
    if (lua_getstack(L, 1, &call) != 0 && lua_getinfo(L, "l", &call) != 0) made.line = call.currentline;
    for (const TestDeclaration& other : here.declared) {
        if (other.name == made.name) {
            luaL_error(L, "two tests are named \"%s\": lines %d and %d", made.name.c_str(), other.line,
                       made.line);
        }
    }
    here.declared.push_back(made);
    lua_pushvalue(L, 3);
    here.bodies.push_back(luaL_ref(L, LUA_REGISTRYINDEX));
    return 0;
}

void keep_only_one(lua_State* L, int& kept, const char* function) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (kept != LUA_NOREF) luaL_error(L, "%s: a file has one", function);
    lua_pushvalue(L, 1);
    kept = luaL_ref(L, LUA_REGISTRYINDEX);
}

int set_up(lua_State* L) {
    keep_only_one(L, loading(L, "rig.set_up").set_up, "rig.set_up");
    return 0;
}

int tear_down(lua_State* L) {
    keep_only_one(L, loading(L, "rig.tear_down").tear_down, "rig.tear_down");
    return 0;
}

constexpr luaL_Reg functions[] = {{"api", bound<api>},
                                  {"test", bound<test>},
                                  {"set_up", bound<set_up>},
                                  {"tear_down", bound<tear_down>},
                                  {nullptr, nullptr}};

}  // namespace

void add_declarations(lua_State* L) {
    luaL_setfuncs(L, functions, 0);
    lua_pushstring(L, host(L).profile.c_str());
    lua_setfield(L, -2, "profile");
}

}  // namespace rig::lua
