// SPDX-License-Identifier: GPL-3.0-or-later
// bench.ext: the frames that the last board sends to other equipment.
#include <fmt/format.h>

#include "firmware/core/ext_status.hpp"
#include "fixtures/boards/board_units.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "rig/lua/binding.hpp"
#include "rig/lua/frame_wait.hpp"

namespace rig::lua {

namespace {

struct Ext {
    static constexpr const char* type_name = "rig.Ext";
};

ExtReader& reader(lua_State* L) {
    self<Ext>(L);
    return *running(L).bench.ext;
}

/// An absent sensor's current is absent.
void set_current(lua_State* L, const char* key, const bms::ExtCurrent& current) {
    if (const auto amperes = amperes_of(current)) set_number(L, key, *amperes);
}

void push_frame(lua_State* L, const ExtReader::Received& received) {
    const bms::ExtFrame& frame = received.frame;
    const auto status = [&](std::uint8_t bit) { return (frame.status & bit) != 0; };

    lua_createtable(L, 0, 40);
    set_number(L, "pack_v", volts_of(frame.pack_voltage));
    set_current(L, "i1_a", frame.i1);
    set_current(L, "i2_a", frame.i2);
    set_current(L, "battery_a", frame.battery);
    set_number(L, "lowest_v", volts_of(frame.lowest_voltage));
    set_integer(L, "lowest_v_cell", frame.lowest_voltage_cell);
    set_number(L, "highest_v", volts_of(frame.highest_voltage));
    set_integer(L, "highest_v_cell", frame.highest_voltage_cell);
    set_number(L, "lowest_degc", degc_of(frame.lowest_temperature));
    set_integer(L, "lowest_degc_cell", frame.lowest_temperature_cell);
    set_number(L, "highest_degc", degc_of(frame.highest_temperature));
    set_integer(L, "highest_degc_cell", frame.highest_temperature_cell);
    set_integer(L, "cell", frame.cell);
    set_integer(L, "count", frame.count);
    set_number(L, "cell_v", volts_of(frame.cell_voltage));
    set_number(L, "cell_degc", degc_of(frame.cell_temperature));
    set_integer(L, "status", frame.status);
    set_boolean(L, "charge_allowed", status(bms::status1::charge_allowed));
    set_boolean(L, "discharge_allowed", status(bms::status1::discharge_allowed));
    set_alarm(L, frame.status);
    set_boolean(L, "soc_uncalibrated", status(bms::status1::soc_uncalibrated));
    set_integer(L, "collected_today_wh", frame.collected_today_wh);
    set_integer(L, "stored_wh", frame.stored_wh);
    set_integer(L, "consumed_today_wh", frame.consumed_today_wh);
    set_integer(L, "soc_pct", frame.soc_percent);
    set_integer(L, "collected_total_kwh", frame.collected_total_kwh);
    set_integer(L, "consumed_total_kwh", frame.consumed_total_kwh);
    if (frame.key_byte >= bms::ext_key::key_offset) {
        set_integer(L, "key", frame.key_byte - bms::ext_key::key_offset);
    }
    set_integer(L, "value", frame.value);
    set_number(L, "capacity_kwh", frame.capacity_100wh / 10.0);
    set_number(L, "v_min_v", volts_of(frame.v_min));
    set_number(L, "v_max_v", volts_of(frame.v_max));
    set_number(L, "balance_v", volts_of(frame.balance_voltage));
    lua_pushstring(L, fmt::format("{:02x}", fmt::join(received.bytes, "")).c_str());
    lua_setfield(L, -2, "hex");
    set_number(L, "at_s", seconds(received.at));
}

ExtReader::Received next_of(lua_State* L, double within_s) {
    return next_frame(L, reader(L), within_s, "last");
}

int next(lua_State* L) {
    push_frame(L, next_of(L, positive_argument(L, 2, usual_wait_s)));
    return 1;
}

int latest(lua_State* L) {
    const auto& last = reader(L).latest();
    push_frame(L, last ? *last : next_of(L, usual_wait_s));
    return 1;
}

int frames(lua_State* L) {
    const int count = integer_argument(L, 2, 1, 100'000);
    lua_newtable(L);
    for (int i = 1; i <= count; ++i) {
        push_frame(L, next_of(L, usual_wait_s));
        lua_seti(L, -2, i);
    }
    return 1;
}

int stray_bytes(lua_State* L) {
    lua_pushinteger(L, reader(L).stray_bytes() - running(L).stray_bytes_before);
    return 1;
}

int all_cells(lua_State* L) {
    lua_newtable(L);
    // One frame may be lost to noise on the way round; a pack that never comes full circle is a fault.
    int count = 0, seen = 0;
    for (int frame_number = 0; count == 0 || frame_number < 2 * count + 2; ++frame_number) {
        const bms::ExtFrame frame = next_of(L, usual_wait_s).frame;
        count = frame.count;
        const bool known = lua_geti(L, -1, frame.cell) != LUA_TNIL;
        lua_pop(L, 1);
        if (!known && frame.cell >= 1 && frame.cell <= count) ++seen;
        lua_createtable(L, 0, 2);
        set_number(L, "v", volts_of(frame.cell_voltage));
        set_number(L, "degc", degc_of(frame.cell_temperature));
        lua_seti(L, -2, frame.cell);
        if (seen == count) return 1;
    }
    throw BoardFault(
        fmt::format("only {} of {} cells were reported on in {} frames", seen, count, 2 * count + 2));
}

constexpr luaL_Reg methods[] = {
    {"next", bound<next>},           {"latest", bound<latest>},
    {"frames", bound<frames>},       {"stray_bytes", bound<stray_bytes>},
    {"all_cells", bound<all_cells>}, {nullptr, nullptr},
};

}  // namespace

void register_ext(lua_State* L) {
    register_type(L, Ext::type_name, methods);
}

void push_ext(lua_State* L) {
    push_handle(L, Ext{});
}

}  // namespace rig::lua
