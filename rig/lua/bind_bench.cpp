// SPDX-License-Identifier: GPL-3.0-or-later
// The `bench` that a test is given: only what is wired is there.
#include <fmt/format.h>

#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

int power_cycle(lua_State* L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    const double span_s = positive_argument(L, 2, 2.0);
    Bench& bench = running(L).bench;
    cells_off(bench);
    pass_for(L, span_s);
    cells_on(bench);
    return 0;
}

/// A list by number into which `push` puts what is there.
template <class Numbers, class Push>
void set_list(lua_State* L, const char* noun, const Numbers& numbers, Push push) {
    lua_newtable(L);
    for (const int number : numbers) {
        push(L, number);
        lua_seti(L, -2, number);
    }
    complain_about_absent_keys(L, fmt::format("this bench has no {}[%s]", noun));
    lua_setfield(L, -2, noun);
}

template <class Map>
std::vector<int> keys_of(const Map& map) {
    std::vector<int> keys;
    for (const auto& entry : map)
        keys.push_back(entry.first);
    return keys;
}

std::vector<int> one_to(std::size_t count) {
    std::vector<int> numbers;
    numbers.reserve(count);
    for (std::size_t n = 1; n <= count; ++n)
        numbers.push_back(static_cast<int>(n));
    return numbers;
}

/// bench.service[k], bench.service.app and bench.service.input: each only where it is wired.
void push_services(lua_State* L, const std::vector<int>& boards) {
    const Bench& bench = running(L).bench;
    lua_newtable(L);
    for (const int board : bench.service != nullptr ? boards : std::vector<int>{}) {
        push_service(L, board);
        lua_seti(L, -2, board);
    }
    if (bench.app_service != nullptr) {
        push_service(L, 0);
        lua_setfield(L, -2, "app");
    }
    if (bench.service_input != nullptr) {
        push_service_input(L);
        lua_setfield(L, -2, "input");
    }
    complain_about_absent_keys(L, "this bench has no service[%s]");
    lua_setfield(L, -2, "service");
}

void name_group(lua_State* L, const char* noun) {
    complain_about_absent_keys(L, fmt::format("there is no {}.%s", noun));
    lua_setfield(L, -2, noun);
}

}  // namespace

void push_bench(lua_State* L) {
    const Bench& bench = running(L).bench;
    lua_createtable(L, 0, 16);

    lua_pushstring(L, bench.profile.c_str());
    lua_setfield(L, -2, "profile");
    lua_pushinteger(L, static_cast<lua_Integer>(bench.cells.size()));
    lua_setfield(L, -2, "count");
    lua_pushcfunction(L, bound<power_cycle>);
    lua_setfield(L, -2, "power_cycle");

    const std::vector<int> boards = one_to(bench.cells.size());
    set_list(L, "cell", boards, push_cell);
    set_list(L, "board", boards, push_board);
    set_list(L, "sensor", keys_of(bench.sensors), push_sensor);
    set_list(L, "temperature", keys_of(bench.temperatures), push_temperature);
    set_list(L, "meter", keys_of(bench.meters), push_meter);
    set_list(L, "chain", one_to(boards.empty() ? 0 : boards.size() - 1), push_chain_link);
    push_all_cells(L);
    lua_setfield(L, -2, "cells");
    push_all_temperatures(L);
    lua_setfield(L, -2, "temperatures");
    push_switches(L);
    lua_setfield(L, -2, "switches");

    lua_newtable(L);
    push_relay(L, true);
    lua_setfield(L, -2, "charge");
    push_relay(L, false);
    lua_setfield(L, -2, "load");
    name_group(L, "relay");

    lua_newtable(L);
    push_light(L, "led.charge");
    lua_setfield(L, -2, "charge");
    push_light(L, "led.load");
    lua_setfield(L, -2, "load");
    name_group(L, "led");

    lua_newtable(L);
    push_light(L, "radio.reset");
    lua_setfield(L, -2, "reset");
    push_light(L, "radio.configure");
    lua_setfield(L, -2, "configure");
    name_group(L, "radio");

    lua_newtable(L);
    for (const char* coil : {"charge_set", "charge_reset", "load_set", "load_reset"}) {
        push_light(L, std::string("coil.") + coil);
        lua_setfield(L, -2, coil);
    }
    name_group(L, "coil");

    lua_newtable(L);
    push_button(L, true);
    lua_setfield(L, -2, "first");
    push_button(L, false);
    lua_setfield(L, -2, "last");
    name_group(L, "button");

    if (bench.app != nullptr) {
        push_app(L);
        lua_setfield(L, -2, "app");
    }
    if (bench.ext != nullptr) {
        push_ext(L);
        lua_setfield(L, -2, "ext");
    }
    if (bench.first_ext != nullptr) {
        push_first_ext(L);
        lua_setfield(L, -2, "first_ext");
    }
    push_services(L, boards);
    complain_about_absent_keys(L, "this bench has no '%s'");
}

}  // namespace rig::lua
