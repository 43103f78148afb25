// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "rig/messages.hpp"

namespace rig {

/// Ends this process when its script gets nowhere inside one call of a library
/// function, where Lua itself cannot be interrupted. Says so on `line`, as
/// message `stuck`, before it does.
class Watchdog {
public:
    static constexpr char stuck = 'w';
    static constexpr int processor_seconds = 5;

    explicit Watchdog(const Line& line);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// What the other end tells the operator.
    static std::string message(const std::string& where);
};

}  // namespace rig
