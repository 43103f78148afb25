// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "fixtures/boards/app_client.hpp"
#include "rig/lua/binding.hpp"

namespace rig::lua {

/// bench.app
struct App {
    static constexpr const char* type_name = "rig.App";
};

inline AppClient& app(lua_State* L) {
    self<App>(L);
    return *running(L).bench.app;
}

/// Whatever `talk` has to say to the board: no answer is the board's failure.
template <class Talk>
auto talking(Talk talk) {
    try {
        return talk();
    } catch (const InstrumentError& failure) {
        throw BoardFault(failure.what());
    }
}

/// What bind_app_stream.cpp adds to the type.
void add_app_stream(lua_State* L);

}  // namespace rig::lua
