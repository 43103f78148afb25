// SPDX-License-Identifier: GPL-3.0-or-later
// bench.relay.charge and bench.relay.load: both throws of a relay's contact.
#include <fmt/format.h>

#include "fixtures/profile.hpp"
#include "rig/lua/binding.hpp"

namespace rig::lua {

namespace {

struct Relay {
    static constexpr const char* type_name = "rig.Relay";
    bool charge;

    std::string signal() const { return charge ? "relay.charge" : "relay.load"; }
};

struct Contact {
    bool allowing, forbidding;  ///< which throws are closed
};

Contact contact(lua_State* L) {
    const RelayThrows throws = relay_throws(running(L).bench.profile, self<Relay>(L).signal());
    return {input(L, throws.allowing).active(), input(L, throws.forbidding).active()};
}

int allowed(lua_State* L) {
    const Contact now = contact(L);
    if (now.allowing == now.forbidding) {
        throw BoardFault(fmt::format("{}: pins 1-2 and pins 2-3 are both {}", self<Relay>(L).signal(),
                                     now.allowing ? "closed" : "open"));
    }
    lua_pushboolean(L, now.allowing);
    return 1;
}

int stands_allowed(lua_State* L) {
    const Contact now = contact(L);
    lua_pushboolean(L, now.allowing && !now.forbidding);
    return 1;
}

int stands_open(lua_State* L) {
    const Contact now = contact(L);
    lua_pushboolean(L, now.forbidding && !now.allowing);
    return 1;
}

int pins_1_2(lua_State* L) {
    lua_pushboolean(L, input(L, self<Relay>(L).signal() + ".pins_1_2").active());
    return 1;
}

int pins_2_3(lua_State* L) {
    lua_pushboolean(L, input(L, self<Relay>(L).signal() + ".pins_2_3").active());
    return 1;
}

int edges(lua_State* L) {
    const RelayThrows throws = relay_throws(running(L).bench.profile, self<Relay>(L).signal());
    push_edges(L, input(L, throws.allowing), since_argument(L, 2));
    return 1;
}

constexpr luaL_Reg methods[] = {
    {"allowed", bound<allowed>},
    {"stands_allowed", bound<stands_allowed>},
    {"stands_open", bound<stands_open>},
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
