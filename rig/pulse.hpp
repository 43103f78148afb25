// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "instruments/links/file_descriptor.hpp"

namespace rig {

/// By which the rig's own process shows a bench's guard that it lives: it stores what is found and hears
/// Ctrl-C, so nothing may stay on while it is stopped.
class Pulse {
public:
    static constexpr int every_ms = 250;

    Pulse();

    /// Where a guard listens.
    int far_end() const { return far_.number(); }

    void beat() const;

private:
    FileDescriptor far_, near_;
};

}  // namespace rig
