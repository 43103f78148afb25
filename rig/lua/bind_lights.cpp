// SPDX-License-Identifier: GPL-3.0-or-later
// bench.led.charge, bench.led.load, bench.board[n].led.
#include <algorithm>

#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Light {
    static constexpr const char* type_name = "rig.Light";
    char signal[24];
};

DigitalInput& line(lua_State* L) {
    return input(L, self<Light>(L).signal);
}

int lit(lua_State* L) {
    lua_pushboolean(L, line(L).active());
    return 1;
}

int edges(lua_State* L) {
    push_edges(L, line(L), since_argument(L, 2));
    return 1;
}

int flashes(lua_State* L) {
    DigitalInput& light = line(L);
    const double span_s = positive_argument(L, 2);
    const Nanoseconds from = running(L).bench.clock->now();
    const Nanoseconds to = from + nanoseconds(span_s);
    pass_until(L, to);
    const auto& all = light.edges();
    lua_pushinteger(L, std::count_if(all.begin(), all.end(), [&](const Edge& edge) {
                        return edge.active && edge.at >= from && edge.at < to;
                    }));
    return 1;
}

constexpr luaL_Reg methods[] = {
    {"lit", bound<lit>}, {"edges", bound<edges>}, {"flashes", bound<flashes>}, {nullptr, nullptr}};

}  // namespace

void register_lights(lua_State* L) {
    register_type(L, Light::type_name, methods);
}

void push_light(lua_State* L, const std::string& signal) {
    Light light{};
    signal.copy(light.signal, sizeof light.signal - 1);
    push_handle(L, light);
}

}  // namespace rig::lua
