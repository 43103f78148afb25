// SPDX-License-Identifier: GPL-3.0-or-later
// bench.cell[n], one supply channel, and bench.cells, all of them.
#include <ranges>

#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Cell {
    static constexpr const char* type_name = "rig.Cell";
    int number;
};

struct Cells {
    static constexpr const char* type_name = "rig.Cells";
};

CellSupply& supply(lua_State* L) {
    return *running(L).bench.cells.at(static_cast<std::size_t>(self<Cell>(L).number - 1));
}

int cell_set_v(lua_State* L) {
    CellSupply& cell = supply(L);
    cell.set_voltage(Volts{finite_argument(L, 2)});
    return 0;
}

int cell_voltage_v(lua_State* L) {
    lua_pushnumber(L, supply(L).measure_voltage().get().value);
    return 1;
}

int cell_current_a(lua_State* L) {
    lua_pushnumber(L, supply(L).measure_current().get().value);
    return 1;
}

int cell_on(lua_State* L) {
    supply(L).output_on();
    return 0;
}

int cell_off(lua_State* L) {
    supply(L).output_off();
    return 0;
}

int cells_set_v(lua_State* L) {
    self<Cells>(L);
    const Volts target{finite_argument(L, 2)};
    for (CellSupply* cell : running(L).bench.cells)
        cell->set_voltage(target);
    return 0;
}

/// Asks every cell, then collects: that takes as long as the slowest instrument.
template <class Quantity>
int push_of_all(lua_State* L, Reply<Quantity> (CellSupply::*measure)()) {
    self<Cells>(L);
    std::vector<Reply<Quantity>> replies;
    for (CellSupply* cell : running(L).bench.cells)
        replies.push_back((cell->*measure)());
    lua_createtable(L, static_cast<int>(replies.size()), 0);
    lua_Integer number = 0;
    for (auto& reply : replies) {
        lua_pushnumber(L, reply.get().value);
        lua_seti(L, -2, ++number);
    }
    return 1;
}

int cells_voltages_v(lua_State* L) {
    return push_of_all<Volts>(L, &CellSupply::measure_voltage);
}

int cells_currents_a(lua_State* L) {
    return push_of_all<Amperes>(L, &CellSupply::measure_current);
}

int cells_readings(lua_State* L) {
    self<Cells>(L);
    std::vector<std::pair<Reply<Volts>, Reply<Amperes>>> replies;
    for (CellSupply* cell : running(L).bench.cells)
        replies.emplace_back(cell->measure_voltage(), cell->measure_current());
    lua_createtable(L, static_cast<int>(replies.size()), 0);
    lua_Integer number = 0;
    for (auto& [voltage, current] : replies) {
        lua_createtable(L, 0, 2);
        lua_pushnumber(L, voltage.get().value);
        lua_setfield(L, -2, "v");
        lua_pushnumber(L, current.get().value);
        lua_setfield(L, -2, "a");
        lua_seti(L, -2, ++number);
    }
    return 1;
}

constexpr luaL_Reg cell_methods[] = {
    {"set_v", bound<cell_set_v>},
    {"voltage_v", bound<cell_voltage_v>},
    {"current_a", bound<cell_current_a>},
    {"on", bound<cell_on>},
    {"off", bound<cell_off>},
    {nullptr, nullptr},
};

constexpr luaL_Reg cells_methods[] = {
    {"set_v", bound<cells_set_v>},
    {"voltages_v", bound<cells_voltages_v>},
    {"currents_a", bound<cells_currents_a>},
    {"readings", bound<cells_readings>},
    {nullptr, nullptr},
};

}  // namespace

void cells_off(Bench& bench) {
    for (CellSupply* cell : std::views::reverse(bench.cells))
        cell->output_off();
}

void cells_on(Bench& bench) {
    for (CellSupply* cell : bench.cells)
        cell->output_on();
}

void register_cells(lua_State* L) {
    register_type(L, Cell::type_name, cell_methods);
    register_type(L, Cells::type_name, cells_methods);
}

void push_cell(lua_State* L, int number) {
    push_handle(L, Cell{number});
}

void push_all_cells(lua_State* L) {
    push_handle(L, Cells{});
}

}  // namespace rig::lua
