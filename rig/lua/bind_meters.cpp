// SPDX-License-Identifier: GPL-3.0-or-later
// bench.meter[n]: the reference meter at one board.
#include "instruments/voltmeter.hpp"
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Meter {
    static constexpr const char* type_name = "rig.Meter";
    int board;
};

int voltage_v(lua_State* L) {
    lua_pushnumber(L, running(L).bench.meters.at(self<Meter>(L).board)->read().get().value);
    return 1;
}

constexpr luaL_Reg methods[] = {{"voltage_v", bound<voltage_v>}, {nullptr, nullptr}};

}  // namespace

void register_meters(lua_State* L) {
    register_type(L, Meter::type_name, methods);
}

void push_meter(lua_State* L, int board) {
    push_handle(L, Meter{board});
}

}  // namespace rig::lua
