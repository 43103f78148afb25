// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace rig {

/// To be called before anything is opened or forked: a descriptor that was
/// closed would go to the next file, and what is printed into it. From then on a
/// reader that leaves (`rig run | head`) ends no run.
void prepare_standard_output();

/// Throws std::runtime_error where not everything that was printed could be
/// written. A reader that left wanted no more: that is no error.
void finish_standard_output();

}  // namespace rig
