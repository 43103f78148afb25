// SPDX-License-Identifier: GPL-3.0-or-later
// bench.board[k]: its LED, and what only a probe on its controller can do.
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Eeprom {
    static constexpr const char* type_name = "rig.Eeprom";
    int board;
};

BoardProbe& probe(lua_State* L, int board) {
    const auto& probes = running(L).bench.probes;
    const auto found = probes.find(board);
    if (found == probes.end())
        luaL_error(L, "this bench has no probe on board %d: say \"probe\" in the test's `needs`", board);
    return *found->second;
}

/// The board of a method that bench.board[k] carries, called with a colon.
BoardProbe& own_probe(lua_State* L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    return probe(L, static_cast<int>(lua_tointeger(L, lua_upvalueindex(1))));
}

int reset(lua_State* L) {
    own_probe(L).reset();
    return 0;
}

int stall_converter(lua_State* L) {
    own_probe(L).stall_converter();
    return 0;
}

int hang(lua_State* L) {
    BoardProbe& board = own_probe(L);
    board.hang(!lua_isnoneornil(L, 2) && boolean_argument(L, 2));
    return 0;
}

int bypass_rest_s(lua_State* L) {
    if (const auto rest = own_probe(L).shortest_bypass_rest())
        lua_pushnumber(L, seconds(*rest));
    else
        lua_pushnil(L);
    return 1;
}

int average_current_a(lua_State* L) {
    BoardProbe& board = own_probe(L);
    const double span_s = positive_argument(L, 2);
    luaL_argcheck(L, span_s > 0.0, 2, "must be above 0");
    const double before = board.charge_drawn_c();
    pass_for(L, span_s);
    lua_pushnumber(L, (board.charge_drawn_c() - before) / span_s);
    return 1;
}

int untouched_ram(lua_State* L) {
    const BoardProbe& board = own_probe(L);
    lua_pushinteger(L, board.untouched_ram());
    lua_pushinteger(L, board.ram_size());
    return 2;
}

BoardProbe& eeprom(lua_State* L) {
    return probe(L, self<Eeprom>(L).board);
}

int address_argument(lua_State* L, const BoardProbe& board) {
    return integer_argument(L, 2, 0, board.eeprom_size() - 1);
}

int read(lua_State* L) {
    const BoardProbe& board = eeprom(L);
    lua_pushinteger(L, board.eeprom(address_argument(L, board)));
    return 1;
}

int write(lua_State* L) {
    BoardProbe& board = eeprom(L);
    const int address = address_argument(L, board);
    board.set_eeprom(address, static_cast<std::uint8_t>(integer_argument(L, 3, 0, 255)));
    return 0;
}

int size(lua_State* L) {
    lua_pushinteger(L, eeprom(L).eeprom_size());
    return 1;
}

int writes(lua_State* L) {
    lua_pushinteger(L, eeprom(L).eeprom_writes());
    return 1;
}

int cut_power_at(lua_State* L) {
    BoardProbe& board = eeprom(L);
    board.cut_power_at_eeprom_write(integer_argument(L, 2, 1, 1'000'000) - 1);
    return 0;
}

constexpr luaL_Reg eeprom_methods[] = {
    {"read", bound<read>},
    {"write", bound<write>},
    {"size", bound<size>},
    {"writes", bound<writes>},
    {"cut_power_at", bound<cut_power_at>},
    {nullptr, nullptr},
};

constexpr luaL_Reg board_methods[] = {
    {"reset", bound<reset>},
    {"stall_converter", bound<stall_converter>},
    {"hang", bound<hang>},
    {"bypass_rest_s", bound<bypass_rest_s>},
    {"average_current_a", bound<average_current_a>},
    {"untouched_ram", bound<untouched_ram>},
    {nullptr, nullptr},
};

}  // namespace

void register_boards(lua_State* L) {
    register_type(L, Eeprom::type_name, eeprom_methods);
}

void push_board(lua_State* L, int number) {
    lua_createtable(L, 0, 4);
    push_light(L, "board[" + std::to_string(number) + "].led");
    lua_setfield(L, -2, "led");
    push_handle(L, Eeprom{number});
    lua_setfield(L, -2, "eeprom");
    lua_pushinteger(L, number);
    luaL_setfuncs(L, board_methods, 1);
}

}  // namespace rig::lua
