// SPDX-License-Identifier: GPL-3.0-or-later
// What the boards stream over the app link: its bursts, the app's screens made of them, and
// the line's bytes as they are.
#include <fmt/format.h>

#include <algorithm>

#include "fixtures/boards/app_screens.hpp"
#include "fixtures/boards/board_units.hpp"
#include "rig/lua/app_handle.hpp"

namespace rig::lua {

namespace {

struct Stream {
    static constexpr const char* type_name = "rig.Stream";
};

constexpr double usual_wait_s = 5.0, usual_pump_s = 0.3;

AppClient& streaming_app(lua_State* L) {
    self<Stream>(L);
    return *running(L).bench.app;
}

/// At most until the test must be over.
Nanoseconds limited(lua_State* L, double span_s) {
    const RunningTest& test = running(L);
    return std::min(nanoseconds(span_s), test.deadline + Nanoseconds{1} - test.bench.clock->now());
}

void set_amperes(lua_State* L, const char* key, std::optional<std::int32_t> count, double unit) {
    if (count) set_number(L, key, *count * unit);
}

void set_optional(lua_State* L, const char* key, std::optional<double> number) {
    if (number) set_number(L, key, *number);
}

void push_burst(lua_State* L, const AppBurst& burst, double current_unit) {
    lua_createtable(L, 0, 32);
    if (const auto& u = burst.currents) {
        set_number(L, "pack_v", volts_of(u->pack_voltage));
        set_amperes(L, "i1_a", u->i1, current_unit);
        set_amperes(L, "battery_a", u->battery, current_unit);
        set_amperes(L, "i2_a", u->i2, current_unit);
    }
    if (const auto& v = burst.voltages) {
        set_number(L, "lowest_v", volts_of(v->lowest));
        set_integer(L, "lowest_v_cell", v->lowest_cell);
        set_number(L, "highest_v", volts_of(v->highest));
        set_integer(L, "highest_v_cell", v->highest_cell);
        set_number(L, "balance_v", volts_of(v->balance));
    }
    if (const auto& t = burst.temperatures) {
        set_number(L, "lowest_degc", degc_of(t->lowest));
        set_integer(L, "lowest_degc_cell", t->lowest_cell);
        set_number(L, "highest_degc", degc_of(t->highest));
        set_integer(L, "highest_degc_cell", t->highest_cell);
    }
    if (const auto& c = burst.cell) {
        set_integer(L, "cell", c->cell);
        set_integer(L, "count", c->count);
        set_number(L, "cell_v", volts_of(c->voltage));
        set_number(L, "cell_degc", degc_of(c->temperature));
        set_integer(L, "status", c->status);
        set_alarm(L, c->status);
    }
    if (const auto& e = burst.energy) {
        set_integer(L, "collected_today_wh", e->collected_today_wh);
        set_integer(L, "stored_wh", e->stored_wh);
        set_integer(L, "consumed_today_wh", e->consumed_today_wh);
        set_integer(L, "soc_pct", e->soc_percent);
    }
    if (const auto& m = burst.totals) {
        set_integer(L, "collected_total_kwh", m->collected_kwh);
        set_integer(L, "consumed_total_kwh", m->consumed_kwh);
        lua_pushstring(L, fmt::format("{:02}:{:02}", m->hour, m->minute).c_str());
        lua_setfield(L, -2, "clock");
    }
    lua_newtable(L);
    for (std::size_t at = 0; at < burst.lines.size(); ++at) {
        lua_pushlstring(L, burst.lines[at].data(), burst.lines[at].size());
        lua_seti(L, -2, static_cast<lua_Integer>(at + 1));
    }
    lua_setfield(L, -2, "lines");
    set_number(L, "at_s", seconds(burst.at));
}

int next(lua_State* L) {
    AppClient& client = streaming_app(L);
    const double within_s = positive_argument(L, 2, usual_wait_s);
    const auto burst = client.next_burst(limited(L, within_s));
    mind_the_limits(L);
    if (!burst) throw BoardFault(fmt::format("no burst of records came within {:g} s", within_s));
    push_burst(L, *burst, client.streamed_current_unit());
    return 1;
}

int bursts(lua_State* L) {
    lua_pushinteger(L, streaming_app(L).stream().bursts());
    return 1;
}

int malformed(lua_State* L) {
    lua_newtable(L);
    lua_Integer count = 0;
    for (const std::string& line : streaming_app(L).stream().malformed()) {
        lua_pushlstring(L, line.data(), line.size());
        lua_seti(L, -2, ++count);
    }
    return 1;
}

int stop(lua_State* L) {
    AppClient& client = streaming_app(L);
    talking([&] {
        client.end_stream();
        return true;
    });
    return 0;
}

constexpr luaL_Reg stream_methods[] = {
    {"next", bound<next>}, {"bursts", bound<bursts>}, {"malformed", bound<malformed>},
    {"stop", bound<stop>}, {nullptr, nullptr},
};

int stream(lua_State* L) {
    AppClient& client = app(L);
    const Nanoseconds pump = nanoseconds(positive_argument(L, 2, usual_pump_s));
    luaL_argcheck(L, pump.count() > 0, 2, "must be above 0");
    if (!talking([&] { return client.begin_stream(pump); })) throw BoardFault("\"E!\" was answered \"NA\"");
    push_handle(L, Stream{});
    return 1;
}

int dashboard(lua_State* L) {
    AppClient& client = app(L);
    const Dashboard shown = talking([&] { return read_dashboard(client); });
    lua_createtable(L, 0, 16);
    set_number(L, "pack_v", shown.pack_v);
    set_optional(L, "charge_a", shown.charge_a);
    set_optional(L, "charge_w", shown.charge_w);
    set_optional(L, "battery_a", shown.battery_a);
    set_optional(L, "battery_w", shown.battery_w);
    set_optional(L, "consumed_a", shown.consumed_a);
    set_optional(L, "consumed_w", shown.consumed_w);
    set_integer(L, "collected_today_wh", shown.collected_today_wh);
    set_integer(L, "collected_total_kwh", shown.collected_total_kwh);
    set_integer(L, "stored_wh", shown.stored_wh);
    set_integer(L, "soc_pct", shown.soc_pct);
    set_boolean(L, "soc_uncalibrated", shown.soc_uncalibrated);
    set_integer(L, "consumed_today_wh", shown.consumed_today_wh);
    set_integer(L, "consumed_total_kwh", shown.consumed_total_kwh);
    return 1;
}

const char* name_of(BatteryDetails::Colour colour) {
    switch (colour) {
        case BatteryDetails::Colour::green:
            return "green";
        case BatteryDetails::Colour::yellow:
            return "yellow";
        case BatteryDetails::Colour::red:
            break;
    }
    return "red";
}

int battery(lua_State* L) {
    AppClient& client = app(L);
    const BatteryDetails shown = talking([&] { return read_battery(client); });
    lua_createtable(L, 0, 3);
    lua_newtable(L);
    for (std::size_t at = 0; at < shown.cells.size(); ++at) {
        const auto& cell = shown.cells[at];
        lua_createtable(L, 0, 4);
        set_number(L, "v", volts_of(cell.voltage));
        set_number(L, "degc", degc_of(cell.temperature));
        set_boolean(L, "balancing", cell.balancing);
        lua_pushstring(L, name_of(cell.colour));
        lua_setfield(L, -2, "colour");
        lua_seti(L, -2, static_cast<lua_Integer>(at + 1));
    }
    lua_setfield(L, -2, "cells");
    set_integer(L, "status", shown.status);
    set_alarm(L, shown.status);
    return 1;
}

int receive(lua_State* L) {
    AppClient& client = app(L);
    running(L).bench.clock->run_for(limited(L, positive_argument(L, 2, 0.0)));
    const std::string bytes = client.unread();
    lua_pushlstring(L, bytes.data(), bytes.size());
    return 1;
}

constexpr luaL_Reg app_methods[] = {
    {"stream", bound<stream>},   {"dashboard", bound<dashboard>},
    {"battery", bound<battery>}, {"receive", bound<receive>},
    {nullptr, nullptr},
};

}  // namespace

void add_app_stream(lua_State* L) {
    register_type(L, Stream::type_name, stream_methods);
    luaL_getmetatable(L, App::type_name);
    lua_getfield(L, -1, "__index");
    luaL_setfuncs(L, app_methods, 0);
    lua_pop(L, 2);
}

}  // namespace rig::lua
