// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace rig {

/// From now on this process, which runs a script, gets some hundred MiB more and no other: what Lua's
/// own limit does not see cannot take the machine's memory either. Beyond, std::bad_alloc says so.
void bound_memory();

}  // namespace rig
