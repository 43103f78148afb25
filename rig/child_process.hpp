// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

namespace rig {

/// A runner that is killed takes its processes along.
void die_with_parent();

/// Ctrl-C reaches every process of the terminal; only the runner acts on it, and says with SIGUSR1 that the
/// operator wants an end, with SIGUSR2 that he wants it at once.
void leave_signals_to_the_runner();

/// Guards outlive the processes that started them: from now on they become this one's children.
void adopt_guards();

/// Where nothing else runs: until they have switched off, and let go of the bench's links.
void wait_for_guards();

/// Waits for a child's end, and meanwhile passes on to it what the runner says. Its wait status.
int wait_for_child(pid_t child);

}  // namespace rig
