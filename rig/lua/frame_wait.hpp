// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "rig/lua/binding.hpp"

namespace rig::lua {

/// How long a script waits for a frame unless it says otherwise.
constexpr double usual_wait_s = 10.0;

/// The next frame that a reader hears, within the test's own time; ends the test when none comes. `board`:
/// "first", "last".
template <class Reader>
typename Reader::Received next_frame(lua_State* L, Reader& reader, double within_s, const char* board) {
    RunningTest& test = running(L);
    const Nanoseconds left = test.deadline + Nanoseconds{1} - test.bench.clock->now();
    const auto received = reader.next(std::min(nanoseconds(within_s), left));
    mind_the_limits(L);
    if (!received)
        throw BoardFault(fmt::format("no good frame came from the {} board within {:g} s", board, within_s));
    return *received;
}

}  // namespace rig::lua
