// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "firmware/core/ext_frame.hpp"
#include "firmware/core/ext_status.hpp"

namespace rig::testing {

/// The last of two boards, as far as a rig's take-up needs it: an EXT frame that allows all.
inline std::string allowing_frame() {
    bms::ExtFrame frame{};
    frame.cell = 1;
    frame.count = 2;
    frame.status = bms::status1::charge_allowed | bms::status1::discharge_allowed;
    std::uint8_t bytes[bms::ExtFrame::size];
    bms::encode(frame, bytes);
    return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

}  // namespace rig::testing
