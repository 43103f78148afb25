// SPDX-License-Identifier: GPL-3.0-or-later
// bench.first_ext: the frames that the first board sends to other equipment, where it does.
#include <fmt/format.h>

#include "fixtures/boards/board_units.hpp"
#include "fixtures/boards/first_ext_reader.hpp"
#include "rig/lua/binding.hpp"
#include "rig/lua/frame_wait.hpp"

namespace rig::lua {

namespace {

struct FirstExt {
    static constexpr const char* type_name = "rig.FirstExt";
};

/// An absent sensor's current is absent.
void set_current(lua_State* L, const char* key, std::int16_t counts) {
    if (counts != bms::ChainFrame::current_absent) set_integer(L, key, counts);
}

void push_frame(lua_State* L, const FirstExtReader::Received& received) {
    const bms::ChainFrame& frame = received.frame;
    lua_createtable(L, 0, 24);
    set_integer(L, "sequence", frame.sequence);
    set_integer(L, "hops", frame.hops);
    set_integer(L, "turn", frame.turn);
    set_integer(L, "config", frame.config);
    set_boolean(L, "fast", frame.fast);
    set_number(L, "balance_v", volts_of(frame.balance_voltage));
    set_current(L, "i1_counts", frame.i1);
    set_current(L, "i2_counts", frame.i2);
    set_integer(L, "balancing", frame.balancing);
    set_integer(L, "faulty_cell", frame.faulty_cell);
    set_number(L, "sum_v", volts_of(frame.sum));
    set_number(L, "lowest_v", volts_of(frame.lowest_voltage));
    set_number(L, "highest_v", volts_of(frame.highest_voltage));
    set_number(L, "lowest_degc", degc_of(bms::raw_temperature(frame.lowest_temperature)));
    set_number(L, "highest_degc", degc_of(bms::raw_temperature(frame.highest_temperature)));
    lua_pushstring(L, fmt::format("{:02x}", fmt::join(received.bytes, "")).c_str());
    lua_setfield(L, -2, "hex");
    set_number(L, "at_s", seconds(received.at));
}

int next(lua_State* L) {
    self<FirstExt>(L);
    push_frame(L, next_frame(L, *running(L).bench.first_ext, positive_argument(L, 2, usual_wait_s), "first"));
    return 1;
}

constexpr luaL_Reg methods[] = {{"next", bound<next>}, {nullptr, nullptr}};

}  // namespace

void register_first_ext(lua_State* L) {
    register_type(L, FirstExt::type_name, methods);
}

void push_first_ext(lua_State* L) {
    push_handle(L, FirstExt{});
}

}  // namespace rig::lua
