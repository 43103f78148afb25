// SPDX-License-Identifier: GPL-3.0-or-later
// bench.relay.charge and bench.relay.load: both throws of a relay's contact.
#include <fmt/format.h>

#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Relay {
    static constexpr const char* type_name = "rig.Relay";
    bool charge;

    std::string signal() const { return charge ? "relay.charge" : "relay.load"; }
};

DigitalInput& pins_1_2_of(lua_State* L) {
    return input(L, self<Relay>(L).signal() + ".pins_1_2");
}

DigitalInput& pins_2_3_of(lua_State* L) {
    return input(L, self<Relay>(L).signal() + ".pins_2_3");
}

int allowed(lua_State* L) {
    const bool closed_1_2 = pins_1_2_of(L).active();
    const bool closed_2_3 = pins_2_3_of(L).active();
    if (closed_1_2 == closed_2_3) {
        throw BoardFault(fmt::format("{}: pins 1-2 and pins 2-3 are both {}", self<Relay>(L).signal(),
                                     closed_1_2 ? "closed" : "open"));
    }
    lua_pushboolean(L, closed_1_2);
    return 1;
}

int pins_1_2(lua_State* L) {
    lua_pushboolean(L, pins_1_2_of(L).active());
    return 1;
}

int pins_2_3(lua_State* L) {
    lua_pushboolean(L, pins_2_3_of(L).active());
    return 1;
}

int edges(lua_State* L) {
    push_edges(L, pins_1_2_of(L).edges(), since_argument(L, 2));
    return 1;
}

constexpr luaL_Reg methods[] = {
    {"allowed", bound<allowed>},
    {"pins_1_2", bound<pins_1_2>},
    {"pins_2_3", bound<pins_2_3>},
    {"edges", bound<edges>},
    {nullptr, nullptr},
};

}  // namespace

void register_relays(lua_State* L) {
    register_type(L, Relay::type_name, methods);
}

void push_relay(lua_State* L, bool charge) {
    push_handle(L, Relay{charge});
}

}  // namespace rig::lua
