// SPDX-License-Identifier: GPL-3.0-or-later
// rig.wait, eventually, always, trip_point, abort: what lets bench time pass.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

using reports::CheckRecord;
using reports::Verdict;

constexpr double usual_look_s = 0.1;

double every_option(lua_State* L, int table) {
    const double every_s = number_field(L, table, "every_s").value_or(usual_look_s);
    if (every_s < 1e-6) luaL_error(L, "'every_s' must be at least 0.000001");
    return every_s;
}

/// Calls the function at `index`; is what it returns true?
bool holds(lua_State* L, int index) {
    lua_pushvalue(L, index);
    lua_call(L, 0, 1);
    const bool held = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    mind_the_limits(L);
    return held;
}

int wait(lua_State* L) {
    pass_for(L, positive_argument(L, 1));
    return 0;
}

int now_s(lua_State* L) {
    lua_pushnumber(L, seconds(running(L).bench.clock->now()));
    return 1;
}

int abort_test(lua_State* L) {
    end_test(L, Verdict::error, text_argument(L, 1));
}

int eventually(lua_State* L) {
    CheckRecord made;
    made.name = text_argument(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    refuse_other_fields(L, 2, "rig.eventually", {"within_s", "every_s", "proves"});
    const auto within_s = number_field(L, 2, "within_s");
    luaL_argcheck(L, within_s && *within_s >= 0.0, 2, "needs within_s = <seconds>");
    const Nanoseconds every = nanoseconds(every_option(L, 2));
    made.proves = texts_field(L, 2, "proves");
    made.unit = "s";
    made.high = within_s;

    Clock& clock = *running(L).bench.clock;
    const Nanoseconds began = clock.now();
    const Nanoseconds deadline = began + nanoseconds(*within_s);
    for (;;) {
        const Nanoseconds asked = clock.now();
        if (holds(L, 3)) {
            made.value = seconds(asked - began);
            record(L, made);
            lua_pushnumber(L, *made.value);
            return 1;
        }
        if (asked >= deadline) break;
        pass_until(L, std::max(std::min(asked + every, deadline), clock.now()));
    }
    made.value = seconds(clock.now() - began);
    made.verdict = Verdict::failed;
    made.detail = fmt::format("did not hold within {:g} s", *within_s);
    record(L, made);
    end_test(L, Verdict::failed, fmt::format("{}: {}", made.name, made.detail));
}

/// The claim is over, one way or the other; true if it held.
bool conclude(lua_State* L, CheckRecord made, const HeldClaim& claim, Nanoseconds began) {
    if (claim.broken_at) {
        made.verdict = Verdict::failed;
        made.detail =
            fmt::format("no longer held {:.3f} s after it began", seconds(*claim.broken_at - began));
    }
    record(L, made);
    return !claim.broken_at;
}

int always(lua_State* L) {
    CheckRecord made;
    made.name = text_argument(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    refuse_other_fields(L, 2, "rig.always", {"for_s", "every_s", "proves"});
    const auto for_s = number_field(L, 2, "for_s");
    const bool has_body = !lua_isnoneornil(L, 4);
    if (has_body) luaL_checktype(L, 4, LUA_TFUNCTION);
    luaL_argcheck(L, has_body != (for_s && *for_s > 0.0), 2,
                  "needs either for_s = <seconds> or a body to run");
    made.proves = texts_field(L, 2, "proves");

    RunningTest& test = running(L);
    HeldClaim claim;
    claim.every = nanoseconds(every_option(L, 2));
    const Nanoseconds began = test.bench.clock->now();
    // Asked at once: a claim that does not hold at the outset is broken.
    if (!holds(L, 3)) claim.broken_at = began;
    claim.next = std::max(began + claim.every, test.bench.clock->now());
    lua_pushvalue(L, 3);
    claim.condition = luaL_ref(L, LUA_REGISTRYINDEX);

    struct Held {
        RunningTest& test;
        Held(RunningTest& running_test, HeldClaim& held) : test(running_test) { test.held.push_back(&held); }
        ~Held() { test.held.pop_back(); }
    };
    try {
        const Held held{test, claim};
        if (has_body) {
            lua_pushvalue(L, 4);
            lua_call(L, 0, 0);
        } else {
            const Nanoseconds until = began + nanoseconds(*for_s);
            while (test.bench.clock->now() < until && !claim.broken_at) {
                pass_until(L, std::min(until, std::max(claim.next, test.bench.clock->now())));
            }
        }
        // Once more at the end, in case the body let no time pass.
        if (!claim.broken_at && !holds(L, 3)) claim.broken_at = test.bench.clock->now();
    } catch (...) {
        // The body ended the test; what its claim had shown by then still counts.
        if (claim.broken_at) conclude(L, made, claim, began);
        throw;
    }
    luaL_unref(L, LUA_REGISTRYINDEX, claim.condition);
    lua_pushboolean(L, conclude(L, made, claim, began));
    return 1;
}

struct Ramp {
    std::string unit;  ///< "v", "a", "degc", …
    double from = 0.0, to = 0.0, step = 0.0;
    double dwell_s = 0.0;
    bool back = false;

    int steps() const { return static_cast<int>(std::ceil(std::abs(to - from) / step - 1e-9)); }
    double at(int k) const {
        if (k >= steps()) return to;
        const double x = from + (to < from ? -step : step) * k;
        // 3.55 + 10 × 0.005 shall be 3.6, and not just below it.
        return std::round(x * 1e9) / 1e9;
    }
};

/// Which unit the ramp's `from_` is in.
std::string unit_of_ramp(lua_State* L, int table) {
    std::string unit;
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) continue;
        const std::string key = lua_tostring(L, -1);
        if (key.rfind("from_", 0) != 0) continue;
        if (!unit.empty())
            luaL_error(L, "rig.trip_point: one unit throughout, not both %s and from_%s", key.c_str(),
                       unit.c_str());
        unit = key.substr(5);
    }
    if (unit.empty()) luaL_error(L, "rig.trip_point: say where to begin: from_v, from_a, from_degc, …");
    return unit;
}

Ramp ramp_argument(lua_State* L, int table) {
    luaL_checktype(L, table, LUA_TTABLE);
    Ramp ramp;
    ramp.unit = unit_of_ramp(L, table);
    const auto needed = [&](const std::string& key) {
        const auto number = number_field(L, table, key.c_str());
        if (!number) luaL_error(L, "rig.trip_point needs %s", key.c_str());
        return *number;
    };
    const std::string from = "from_" + ramp.unit, to = "to_" + ramp.unit, step = "step_" + ramp.unit;
    refuse_other_fields(L, table, "rig.trip_point", {"ramp", "moves", "dwell_s", "back", from, to, step});
    ramp.from = needed(from);
    ramp.to = needed(to);
    ramp.step = needed(step);
    ramp.dwell_s = needed("dwell_s");
    if (ramp.step <= 0.0) luaL_error(L, "%s must be positive, whichever way the ramp goes", step.c_str());
    if (ramp.dwell_s < 0.0) luaL_error(L, "dwell_s must not be negative");
    if (std::abs(ramp.to - ramp.from) / ramp.step > 1e6) luaL_error(L, "a ramp of more than a million steps");
    lua_getfield(L, table, "back");
    ramp.back = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return ramp;
}

int trip_point(lua_State* L) {
    const Ramp ramp = ramp_argument(L, 1);
    for (const char* function : {"ramp", "moves"}) {
        if (lua_getfield(L, 1, function) != LUA_TFUNCTION)
            luaL_error(L, "rig.trip_point needs the function '%s'", function);
    }
    const int sets = lua_gettop(L) - 1, moves = lua_gettop(L);
    const auto moved_at = [&](double x) {
        lua_pushvalue(L, sets);
        lua_pushnumber(L, x);
        lua_call(L, 1, 0);
        pass_for(L, ramp.dwell_s);
        return holds(L, moves);
    };

    int k = 0;
    if (moved_at(ramp.at(0)))
        fail_test(L, "trip point",
                  fmt::format("had moved already at {:g}, where the ramp begins", ramp.from));
    do {
        if (++k > ramp.steps())
            fail_test(L, "trip point",
                      fmt::format("nothing moved between {:g} and {:g}", ramp.from, ramp.to));
    } while (!moved_at(ramp.at(k)));

    lua_createtable(L, 0, 2);
    lua_pushnumber(L, ramp.at(k));
    lua_setfield(L, -2, ramp.unit.c_str());
    if (!ramp.back) return 1;

    const double tripped_at = ramp.at(k);
    do {
        if (--k < 0)
            fail_test(L, "trip point",
                      fmt::format("moved at {:g}, did not move back down to {:g}", tripped_at, ramp.from));
    } while (moved_at(ramp.at(k)));
    lua_pushnumber(L, ramp.at(k));
    lua_setfield(L, -2, ("back_" + ramp.unit).c_str());
    return 1;
}

constexpr luaL_Reg functions[] = {
    {"wait", bound<wait>},        {"now_s", bound<now_s>},
    {"abort", bound<abort_test>}, {"eventually", bound<eventually>},
    {"always", bound<always>},    {"trip_point", bound<trip_point>},
    {nullptr, nullptr},
};

}  // namespace

void add_flow(lua_State* L) {
    luaL_setfuncs(L, functions, 0);
}

}  // namespace rig::lua
