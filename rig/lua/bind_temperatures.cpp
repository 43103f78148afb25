// SPDX-License-Identifier: GPL-3.0-or-later
// bench.temperature[n], one board's, and bench.temperatures, all boards'.
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Temperature {
    static constexpr const char* type_name = "rig.Temperature";
    int board;
};

struct Temperatures {
    static constexpr const char* type_name = "rig.Temperatures";
};

int set_degc(lua_State* L) {
    TemperatureForcer& forcer = *running(L).bench.temperatures.at(self<Temperature>(L).board);
    forcer.force(Celsius{finite_argument(L, 2)});
    return 0;
}

int set_all_degc(lua_State* L) {
    self<Temperatures>(L);
    const Celsius target{finite_argument(L, 2)};
    for (const auto& [board, forcer] : running(L).bench.temperatures)
        forcer->force(target);
    return 0;
}

constexpr luaL_Reg one[] = {{"set_degc", bound<set_degc>}, {nullptr, nullptr}};
constexpr luaL_Reg all[] = {{"set_degc", bound<set_all_degc>}, {nullptr, nullptr}};

}  // namespace

void register_temperatures(lua_State* L) {
    register_type(L, Temperature::type_name, one);
    register_type(L, Temperatures::type_name, all);
}

void push_temperature(lua_State* L, int board) {
    push_handle(L, Temperature{board});
}

void push_all_temperatures(lua_State* L) {
    push_handle(L, Temperatures{});
}

}  // namespace rig::lua
