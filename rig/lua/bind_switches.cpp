// SPDX-License-Identifier: GPL-3.0-or-later
// bench.switches: the eight switches of the first board.
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Switches {
    static constexpr const char* type_name = "rig.Switches";
    static constexpr int count = 8;
};

DigitalOutput& position(lua_State* L, int number) {
    return output(L, "switch[" + std::to_string(number) + "]");
}

int set(lua_State* L) {
    self<Switches>(L);
    const int number = integer_argument(L, 2, 1, Switches::count);
    position(L, number).drive(boolean_argument(L, 3));
    return 0;
}

int set_pattern(lua_State* L) {
    self<Switches>(L);
    const std::string pattern = text_argument(L, 2);
    const int from = lua_isnoneornil(L, 3) ? 1 : integer_argument(L, 3, 1, Switches::count);
    luaL_argcheck(L, !pattern.empty() && pattern.find_first_not_of("01") == std::string::npos, 2,
                  "a row of '0' (off) and '1' (on)");
    luaL_argcheck(L, pattern.size() <= static_cast<std::size_t>(Switches::count - from + 1), 2,
                  "goes beyond switch 8");
    int number = from;
    for (const char one : pattern)
        position(L, number++).drive(one == '1');
    return 0;
}

int pattern(lua_State* L) {
    self<Switches>(L);
    std::string standing;
    for (int number = 1; number <= Switches::count; ++number) {
        standing += position(L, number).driven() ? '1' : '0';
    }
    lua_pushstring(L, standing.c_str());
    return 1;
}

constexpr luaL_Reg methods[] = {{"set", bound<set>},
                                {"set_pattern", bound<set_pattern>},
                                {"pattern", bound<pattern>},
                                {nullptr, nullptr}};

}  // namespace

void register_switches(lua_State* L) {
    register_type(L, Switches::type_name, methods);
}

void push_switches(lua_State* L) {
    push_handle(L, Switches{});
}

}  // namespace rig::lua
