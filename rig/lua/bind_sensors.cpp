// SPDX-License-Identifier: GPL-3.0-or-later
// bench.sensor[n]: what flows through a current sensor, and its plug.
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Sensor {
    static constexpr const char* type_name = "rig.Sensor";
    int number;
};

CurrentInjector& injector(lua_State* L) {
    return *running(L).bench.sensors.at(self<Sensor>(L).number);
}

DigitalOutput& plug_of(lua_State* L) {
    return output(L, "sensor[" + std::to_string(self<Sensor>(L).number) + "].plugged");
}

int set_a(lua_State* L) {
    CurrentInjector& sensor = injector(L);
    sensor.inject(Amperes{finite_argument(L, 2)});
    return 0;
}

int current_a(lua_State* L) {
    lua_pushnumber(L, injector(L).measure().get().value);
    return 1;
}

int plug(lua_State* L) {
    plug_of(L).drive(true);
    return 0;
}

int unplug(lua_State* L) {
    plug_of(L).drive(false);
    return 0;
}

constexpr luaL_Reg methods[] = {
    {"set_a", bound<set_a>}, {"current_a", bound<current_a>},
    {"plug", bound<plug>},   {"unplug", bound<unplug>},
    {nullptr, nullptr},
};

}  // namespace

void register_sensors(lua_State* L) {
    register_type(L, Sensor::type_name, methods);
}

void push_sensor(lua_State* L, int number) {
    push_handle(L, Sensor{number});
}

}  // namespace rig::lua
