// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "rig/lua/sandbox.hpp"
#include "rig/stop.hpp"

namespace rig::lua {

Host& host(lua_State* L) {
    return **static_cast<Host**>(lua_getextraspace(L));
}

RunningTest& running(lua_State* L) {
    RunningTest* test = host(L).test;
    if (test == nullptr) luaL_error(L, "the bench is there inside a test only: move this call into rig.test");
    return *test;
}

std::string script_line(lua_State* L) {
    const std::string own = "@" + host(L).script.name;
    std::string innermost;
    lua_Debug call;
    for (int level = 0; lua_getstack(L, level, &call) != 0; ++level) {
        lua_getinfo(L, "Sl", &call);
        if (call.currentline < 0 || call.source[0] != '@') continue;
        std::string line = fmt::format("{}:{}", call.source + 1, call.currentline);
        if (call.source == own) return line;
        if (innermost.empty()) innermost = line;
    }
    return innermost;
}

std::string described(const std::string& what, const std::string& where, const std::string& remedy) {
    std::string message = what;
    if (!where.empty()) message += "\n  script  " + where;
    if (!remedy.empty()) message += "\n  try     " + remedy;
    return message;
}

void end_test(lua_State* L, reports::Verdict verdict, const std::string& what, const std::string& remedy) {
    Host& here = host(L);
    if (!here.over) here.over = Ending{verdict, described(what, script_line(L), remedy)};
    luaL_error(L, "%s", what.c_str());
    std::abort();  // luaL_error throws; its declaration does not say so
}

Nanoseconds nanoseconds(double span_s) {
    // Longer than any test, and still far from where nanoseconds end.
    constexpr double longest_s = 4e9;
    return Nanoseconds{std::llround(std::min(span_s, longest_s) * 1e9)};
}

double seconds(Nanoseconds span) {
    return static_cast<double>(span.count()) / 1e9;
}

bool to_stop(const Host& host) {
    return asked_to_stop() && !host.tearing_down;
}

void mind_the_limits(lua_State* L) {
    Host& here = host(L);
    if (here.over) return;
    RunningTest& test = *here.test;
    if (to_stop(here)) end_test(L, reports::Verdict::error, stopped);
    if (const std::string open = test.bench.open_interlock(); !open.empty())
        end_test(L, reports::Verdict::error, open);
    if (test.bench.clock->now() > test.deadline) {
        end_test(
            L, reports::Verdict::error,
            fmt::format("the test took longer than its limit of {:g} s of bench time", test.declared.limit_s),
            "wait for less, or give the test a larger limit_s");
    }
}

namespace {

void ask_held_claims(lua_State* L, RunningTest& test) {
    // A condition may itself let time pass; claims are not asked inside claims.
    if (std::exchange(test.asking_held, true)) return;
    struct Asking {
        RunningTest& test;
        ~Asking() { test.asking_held = false; }
    } asking{test};

    // A condition may start claims of its own: go by index.
    for (std::size_t i = 0; i < test.held.size(); ++i) {
        HeldClaim& claim = *test.held[i];
        const Nanoseconds now = test.bench.clock->now();
        if (claim.broken_at || now < claim.next) continue;
        lua_rawgeti(L, LUA_REGISTRYINDEX, claim.condition);
        lua_call(L, 0, 1);
        if (!lua_toboolean(L, -1)) claim.broken_at = now;
        lua_pop(L, 1);
        claim.next = std::max(claim.next + claim.every, test.bench.clock->now());
    }
}

}  // namespace

void pass_until(lua_State* L, Nanoseconds target) {
    const Host& here = host(L);
    RunningTest& test = running(L);
    Clock& clock = *test.bench.clock;
    for (;;) {
        // One nanosecond beyond the deadline, so that reaching it counts as exceeding it.
        Nanoseconds stop = std::min(target, test.deadline + Nanoseconds{1});
        if (!test.asking_held) {
            for (const HeldClaim* claim : test.held) {
                if (!claim->broken_at) stop = std::min(stop, std::max(claim->next, clock.now()));
            }
        }
        clock.run_until([&here] { return to_stop(here); }, stop);
        mind_the_limits(L);
        ask_held_claims(L, test);
        if (clock.now() >= target) return;
    }
}

void pass_for(lua_State* L, double span_s) {
    pass_until(L, running(L).bench.clock->now() + nanoseconds(span_s));
}

void record(lua_State* L, reports::CheckRecord check) {
    RunningTest& test = running(L);
    for (const std::string& id : check.proves) {
        const auto& listed = test.declared.proves;
        if (std::find(listed.begin(), listed.end(), id) == listed.end()) {
            end_test(L, reports::Verdict::error,
                     fmt::format("the check \"{}\" cites {}, which the test does not list", check.name, id),
                     fmt::format("add \"{}\" to the test's `proves`", id));
        }
    }
    std::size_t& recorded = confined(L).record_bytes;
    constexpr std::size_t bytes_of_row = 100;
    recorded += check.name.size() + check.detail.size() + bytes_of_row * (1 + check.proves.size());
    if (recorded > record_limit) {
        end_test(L, reports::Verdict::error,
                 fmt::format("the test records more than {} MiB of checks", record_limit >> 20),
                 "check what matters: what is measured all the time is recorded without a check");
    }
    check.number = ++test.checks;
    check.script_line = script_line(L);
    if (check.script_line.empty())
        check.script_line = fmt::format("{}:{}", host(L).script.name, test.declared.line);
    check.bench_ns = test.bench.clock->now().count();
    test.shown.insert(check.proves.begin(), check.proves.end());
    if (check.verdict != reports::Verdict::passed && ++test.failed == 1) {
        const auto bound = [](const std::optional<double>& limit) {
            return limit ? fmt::format("{:g}", *limit) : std::string("open");
        };
        std::string found = check.name;
        if (check.value && (check.low || check.high)) {
            found += fmt::format(": {:g} {}, limits {} to {}", *check.value, check.unit, bound(check.low),
                                 bound(check.high));
        }
        if (!check.detail.empty()) found += ": " + check.detail;
        test.first_failure = described(found, check.script_line, "");
    }
    test.recorder.check(check);
}

void fail_test(lua_State* L, const std::string& name, const std::string& what) {
    reports::CheckRecord made;
    made.name = name;
    made.verdict = reports::Verdict::failed;
    made.detail = what;
    // What the test was to show, the board has just prevented.
    made.proves = running(L).declared.proves;
    record(L, made);
    end_test(L, reports::Verdict::failed, name + ": " + what);
}

}  // namespace rig::lua
