// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace rig {

struct DoctorOptions {
    std::string fixture;
    std::uint64_t seed = 1;  ///< of a virtual bench's noise and tolerances
};

/// `rig doctor`: is this bench as its fixture file says? The exit code: 0 when nothing is wrong,
/// 1 when something is; throws when nobody could look.
int doctor_command(const DoctorOptions& options);

}  // namespace rig
