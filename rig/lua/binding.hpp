// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <lua.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/instrument_error.hpp"
#include "rig/lua/host.hpp"

namespace rig::lua {

/// A board did not answer or refused: the test fails, the rig is well.
class BoardFault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What Lua calls: lets no exception of ours into Lua, which would swallow it.
/// Lua's own errors are exceptions too, but of no std type, and pass.
template <int (*Function)(lua_State*)>
int bound(lua_State* L) {
    std::string fault, error;
    try {
        const int results = Function(L);
        if (host(L).test != nullptr) mind_the_limits(L);
        return results;
    } catch (const BoardFault& failure) {
        fault = failure.what();
    } catch (const std::exception& failure) {
        error = failure.what();
    }
    if (!fault.empty()) fail_test(L, "the board answers as it must", fault);
    end_test(L, reports::Verdict::error, error);
}

/// The handle that a method was called on. Handles are trivial: Lua frees them unseen.
template <class Handle>
Handle& self(lua_State* L) {
    return *static_cast<Handle*>(luaL_checkudata(L, 1, Handle::type_name));
}

template <class Handle>
void push_handle(lua_State* L, const Handle& handle) {
    *static_cast<Handle*>(lua_newuserdatauv(L, sizeof(Handle), 0)) = handle;
    luaL_setmetatable(L, Handle::type_name);
}

void register_type(lua_State* L, const char* type_name, const luaL_Reg* methods);

double finite_argument(lua_State* L, int index);
double positive_argument(lua_State* L, int index, std::optional<double> otherwise = std::nullopt);
bool boolean_argument(lua_State* L, int index);
int integer_argument(lua_State* L, int index, int least, int most);
std::string text_argument(lua_State* L, int index);

std::optional<double> number_field(lua_State* L, int table, const char* key);
std::vector<std::string> texts_field(lua_State* L, int table, const char* key);

// Fields of the table on top.
void set_number(lua_State* L, const char* key, double number);
void set_integer(lua_State* L, const char* key, lua_Integer number);
void set_boolean(lua_State* L, const char* key, bool holds);

/// Bits of status byte 1 as the table `alarm` of the table on top.
void set_alarm(lua_State* L, std::uint8_t status);

/// A misspelt option must not pass for an absent one.
void refuse_other_fields(lua_State* L, int table, const char* what,
                         std::initializer_list<std::string_view> known);

/// Makes reading an absent key of the table on top an error saying `message`,
/// in which %s becomes the key.
void complain_about_absent_keys(lua_State* L, const std::string& message);

/// Pushes the line's edges not before `since`, as scripts see them; an error where they are no longer known.
void push_edges(lua_State* L, DigitalInput& line, Nanoseconds since);

/// From an optional argument in seconds; the test's beginning when it is absent.
Nanoseconds since_argument(lua_State* L, int index);

DigitalInput& input(lua_State* L, const std::string& signal);
DigitalOutput& output(lua_State* L, const std::string& signal);

// One per noun: registers its type. push_bench builds a test's `bench` from them.
void register_cells(lua_State* L);
void register_sensors(lua_State* L);
void register_temperatures(lua_State* L);
void register_meters(lua_State* L);
void register_relays(lua_State* L);
void register_lights(lua_State* L);
void register_switches(lua_State* L);
void register_buttons(lua_State* L);
void register_chain(lua_State* L);
void register_boards(lua_State* L);
void register_app(lua_State* L);
void register_ext(lua_State* L);
void register_service(lua_State* L);
void register_first_ext(lua_State* L);

void push_cell(lua_State* L, int number);
void push_all_cells(lua_State* L);
void push_sensor(lua_State* L, int number);
void push_temperature(lua_State* L, int board);
void push_all_temperatures(lua_State* L);
void push_meter(lua_State* L, int board);
void push_relay(lua_State* L, bool charge);
void push_light(lua_State* L, const std::string& signal);
void push_switches(lua_State* L);
void push_button(lua_State* L, bool first);
void push_chain_link(lua_State* L, int from_board);
void push_board(lua_State* L, int number);
void push_app(lua_State* L);
void push_ext(lua_State* L);
/// Of one board; 0: the last one's over the app link.
void push_service(lua_State* L, int board);
void push_service_input(lua_State* L);
void push_first_ext(lua_State* L);
void push_bench(lua_State* L);

/// Every cell off, and on again lowest first.
void cells_off(Bench& bench);
void cells_on(Bench& bench);

// To the module `rig` on top of the stack.
void add_declarations(lua_State* L);
void add_checks(lua_State* L);
void add_flow(lua_State* L);

}  // namespace rig::lua
