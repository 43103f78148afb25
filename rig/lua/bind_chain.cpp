// SPDX-License-Identifier: GPL-3.0-or-later
// bench.chain[k]: the link that leaves board k, broken or damaged on purpose.
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct ChainLink {
    static constexpr const char* type_name = "rig.ChainLink";
    int from_board;
};

constexpr int most_frames = 1'000'000;

DigitalOutput& link(lua_State* L, const char* what = "closed") {
    return output(L, "chain[" + std::to_string(self<ChainLink>(L).from_board) + "]." + what);
}

ChainTap& tap(lua_State* L) {
    const int from = self<ChainLink>(L).from_board;
    const auto& taps = running(L).bench.chain_taps;
    const auto found = taps.find(from);
    if (found == taps.end()) {
        luaL_error(L, "this bench has no tap on chain link %d: say \"chain_tap\" in the test's `needs`",
                   from);
    }
    return *found->second;
}

int frames_argument(lua_State* L, int index) {
    return lua_isnoneornil(L, index) ? 1 : integer_argument(L, index, 1, most_frames);
}

int open(lua_State* L) {
    link(L).drive(false);
    return 0;
}

int close(lua_State* L) {
    link(L).drive(true);
    return 0;
}

int bridge(lua_State* L) {
    link(L, "bridged").drive(true);
    return 0;
}

int unbridge(lua_State* L) {
    link(L, "bridged").drive(false);
    return 0;
}

int flip(lua_State* L) {
    ChainTap& damaged = tap(L);
    const int index = integer_argument(L, 2, 0, 255);
    const int mask = integer_argument(L, 3, 1, 255);
    damaged.flip(index, static_cast<std::uint8_t>(mask), frames_argument(L, 4));
    return 0;
}

int truncate(lua_State* L) {
    ChainTap& damaged = tap(L);
    const int length = integer_argument(L, 2, 0, 255);
    damaged.truncate(length, frames_argument(L, 3));
    return 0;
}

int replay(lua_State* L) {
    ChainTap& damaged = tap(L);
    damaged.repeat(frames_argument(L, 2));
    return 0;
}

int misframe(lua_State* L) {
    ChainTap& damaged = tap(L);
    const int index = integer_argument(L, 2, 0, 255);
    damaged.misframe(index, frames_argument(L, 3));
    return 0;
}

int noise(lua_State* L) {
    ChainTap& disturbed = tap(L);
    const std::string bytes = text_argument(L, 2);
    disturbed.noise(bytes);
    return 0;
}

int damaged(lua_State* L) {
    lua_pushinteger(L, tap(L).damaged());
    return 1;
}

int listen(lua_State* L) {
    tap(L).listen();
    return 0;
}

int heard(lua_State* L) {
    const std::vector<ChainBytes>& all = tap(L).heard();
    lua_createtable(L, static_cast<int>(all.size()), 0);
    lua_Integer at = 0;
    for (const ChainBytes& one : all) {
        lua_createtable(L, 0, 2);
        set_number(L, "at_s", seconds(one.at));
        lua_pushlstring(L, reinterpret_cast<const char*>(one.bytes.data()), one.bytes.size());
        lua_setfield(L, -2, "bytes");
        lua_rawseti(L, -2, ++at);
    }
    return 1;
}

constexpr luaL_Reg methods[] = {
    {"open", bound<open>},     {"close", bound<close>},
    {"bridge", bound<bridge>}, {"unbridge", bound<unbridge>},
    {"flip", bound<flip>},     {"truncate", bound<truncate>},
    {"replay", bound<replay>}, {"misframe", bound<misframe>},
    {"noise", bound<noise>},   {"damaged", bound<damaged>},
    {"listen", bound<listen>}, {"heard", bound<heard>},
    {nullptr, nullptr},
};

}  // namespace

void register_chain(lua_State* L) {
    register_type(L, ChainLink::type_name, methods);
}

void push_chain_link(lua_State* L, int from_board) {
    push_handle(L, ChainLink{from_board});
}

}  // namespace rig::lua
