// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/lua/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>

#include "fixtures/boards/ext_reader.hpp"
#include "rig/lua/binding.hpp"
#include "rig/lua/needs.hpp"
#include "rig/lua/sandbox.hpp"

namespace rig {

using reports::Verdict;

struct Script::Parts {
    Limits limits;
    lua::ConfinedHost host;  // outlives the state, which counts its memory there
    lua::State state;

    lua_State* L() { return state.get(); }
    std::optional<Ending> call(int function, bool with_bench);
    Ending body(const TestDeclaration& declared, int function);
};

namespace {

/// Whose code this process is running, for the watchdog's signal handler.
const lua::Host* under_way = nullptr;

constexpr Nanoseconds tear_down_allowance{60'000'000'000};

/// Turns whatever was thrown into text, and says where the test script was if the error was elsewhere.
int explain(lua_State* L) {
    std::string message = luaL_tolstring(L, 1, nullptr);
    if (!lua_isstring(L, 1) && luaL_getmetafield(L, 1, "__tostring") == LUA_TNIL) {
        message = fmt::format("error value is a {}, not a message", luaL_typename(L, 1));
    }
    const std::string where = lua::script_line(L);
    lua_pushstring(
        L, (where.empty() || message.rfind(where, 0) == 0 ? message : lua::described(message, where, ""))
               .c_str());
    return 1;
}

/// "<run>/acceptance/thresholds/3 the load relay opens at V-min": a test's own, whatever other tests do.
std::filesystem::path folder_of(const lua::ConfinedHost& host, std::size_t number) {
    if (host.rights.folder.empty()) return {};
    std::string name = fmt::format("{} ", number + 1);
    constexpr std::size_t longest = 80;
    for (const char c : host.declared.at(number).name.substr(0, longest))
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : ' ';
    return host.rights.folder / std::filesystem::path(host.script.name).replace_extension() / name;
}

int push_bench(lua_State* L) {
    lua::push_bench(L);
    return 1;
}

}  // namespace

/// Empty when all went well.
std::optional<Ending> Script::Parts::call(int function, bool with_bench) {
    lua_settop(L(), 0);
    lua::spend_afresh(host);
    host.memory_refused_at.clear();
    lua_pushcfunction(L(), explain);
    lua_rawgeti(L(), LUA_REGISTRYINDEX, function);
    int status = LUA_OK;
    if (with_bench) {
        lua_pushcfunction(L(), push_bench);
        status = lua_pcall(L(), 0, 1, 0);
    }
    if (status == LUA_OK) status = lua_pcall(L(), with_bench ? 1 : 0, 0, 1);
    if (status == LUA_OK && !host.over) return std::nullopt;
    if (host.over) return host.over;
    if (status == LUA_ERRMEM) {
        return Ending{Verdict::error,
                      lua::described(
                          fmt::format("the script needs more than {} MiB of memory", lua::memory_limit >> 20),
                          host.memory_refused_at, "keep less: what was measured belongs in checks")};
    }
    const char* message = lua_tostring(L(), -1);
    return Ending{Verdict::error,
                  fmt::format("script error: {}", message != nullptr ? message : "without a message")};
}

Script::Script(const ScriptFile& file, const Limits& limits) : parts_(std::make_unique<Parts>()) {
    Parts& parts = *parts_;
    parts.limits = limits;
    parts.host.script = file;
    parts.host.limits = &parts.limits.values;
    parts.host.limits_file = limits.file;
    parts.host.profile = limits.profile;
    parts.host.rights = limits.rights;
    under_way = &parts.host;
    parts.state = lua::open_sandbox(parts.host);
    lua_State* L = parts.L();

    const auto load = [](lua_State* state) {
        lua::load_text(state, lua::host(state).script);
        return 1;
    };
    lua_pushcfunction(L, load);
    if (lua_pcall(L, 0, 1, 0) != LUA_OK) throw ScriptError(lua_tostring(L, -1));
    const int chunk = luaL_ref(L, LUA_REGISTRYINDEX);

    lua::seed_random(L, 0);
    parts.host.loading = true;
    const auto failure = parts.call(chunk, false);
    parts.host.loading = false;
    if (failure) throw ScriptError(failure->message);
    if (parts.host.api == 0) throw ScriptError(file.name + ": a script begins with rig.api(1)");
    if (parts.host.declared.empty() && !parts.host.declared_for_others)
        throw ScriptError(file.name + ": declares no test; rig.test declares one");
}

Script::~Script() {
    if (under_way == &parts_->host) under_way = nullptr;
}

const std::vector<TestDeclaration>& Script::tests() const {
    return parts_->host.declared;
}

const std::string& Script::printed() const {
    return parts_->host.printed;
}

Ending Script::Parts::body(const TestDeclaration& declared, int function) {
    std::optional<Ending> ending;
    if (host.set_up != LUA_NOREF) ending = call(host.set_up, true);
    if (!ending) ending = call(function, true);

    // An open interlock wants everything off first, and lets nothing be put back.
    if (host.tear_down != LUA_NOREF && host.test->bench.open_interlock().empty()) {
        // The test may have used up its time; putting things back gets some of its own.
        const bool was_over = host.over.has_value();
        host.over.reset();
        host.test->deadline =
            std::max(host.test->deadline, host.test->bench.clock->now() + tear_down_allowance);
        host.tearing_down = true;
        const auto failure = call(host.tear_down, true);
        host.tearing_down = false;
        if (failure) {
            const bool worse =
                failure->verdict == Verdict::error && (!ending || ending->verdict != Verdict::error);
            if (!ending || (worse && !was_over)) ending = failure;
        }
    }
    if (ending) return *ending;
    if (host.test->failed > 0) return {Verdict::failed, ""};
    for (const std::string& id : declared.proves) {
        if (host.test->shown.count(id) == 0) {
            return {Verdict::error,
                    lua::described(fmt::format("the test passed, but none of its checks cites {}", id),
                                   fmt::format("{}:{}", host.script.name, declared.line),
                                   "cite the ID where it is shown, or take it off the test's `proves`")};
        }
    }
    return {Verdict::passed, ""};
}

Ending Script::run(std::size_t number, Bench& bench, Recorder& recorder, std::uint64_t seed,
                   const std::string& boot_fault) {
    Parts& parts = *parts_;
    lua::ConfinedHost& host = parts.host;
    const TestDeclaration& declared = host.declared.at(number);

    lua::RunningTest test{bench, recorder, declared, {}, {}, 0, 0, 0, {}, {}, {}, false};
    host.over.reset();
    host.file_bytes = host.record_bytes = 0;
    host.folder = folder_of(host, number);
    bench.reseed(seed);
    lua::seed_random(parts.L(), seed);
    test.began = bench.clock->now();
    test.deadline = test.began + lua::nanoseconds(declared.limit_s);
    if (bench.ext != nullptr) test.stray_bytes_before = bench.ext->stray_bytes();
    if (const std::string lacking = lua::lacking(bench, declared.needs); !lacking.empty())
        return {Verdict::skipped, lacking};

    host.test = &test;
    under_way = &host;
    if (!boot_fault.empty()) {
        reports::CheckRecord came_up;
        came_up.name = "the boards come up and allow both relays";
        came_up.verdict = Verdict::failed;
        came_up.detail = boot_fault;
        lua::record(parts.L(), came_up);
    }
    Ending ending = parts.body(declared, host.bodies.at(number));
    host.test = nullptr;

    if (test.failed > 0 && ending.verdict == Verdict::failed) {
        ending.message = test.failed == 1 ? test.first_failure
                                          : fmt::format("{} of {} checks failed, first:\n{}", test.failed,
                                                        test.checks, test.first_failure);
    }
    return ending;
}

std::uint64_t Script::progress() {
    if (under_way == nullptr) return 0;
    return under_way->steps + (under_way->test != nullptr ? under_way->test->bench.progress() : 0);
}

void Script::where(char* text, std::size_t size) {
    text[0] = '\0';
    if (under_way == nullptr || under_way->state == nullptr) return;
    lua_State* L = under_way->state;
    lua_Debug call;
    for (int level = 0; lua_getstack(L, level, &call) != 0; ++level) {
        lua_getinfo(L, "Sl", &call);
        if (call.currentline >= 0 && call.source[0] == '@') {
            std::snprintf(text, size, "%s:%d", call.source + 1, call.currentline);
            return;
        }
    }
}

}  // namespace rig
