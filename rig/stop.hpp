// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace rig {

/// The operator wants this process to end what it does, safely. May be called
/// from a signal handler.
void ask_to_stop();
bool asked_to_stop();

/// What such a test or boot says of itself.
inline constexpr const char* stopped = "stopped by the operator";

}  // namespace rig
