// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_frame.hpp"
#include "firmware/core/leaky_counter.hpp"
#include "firmware/core/settings.hpp"

namespace bms {

/// One message's cells held against the settings, undelayed. A warning compares exactly as its
/// relay's "off" does.
struct CellLimits {
    bool v_high, v_low, t_high, t_low_charge, t_low_discharge;

    CellLimits(const ChainFrame& frame, const Settings& settings)
        : v_high(frame.highest_voltage >= settings.v_max),
          v_low(frame.lowest_voltage <= settings.v_min),
          t_high(raw_temperature(frame.highest_temperature) > settings.t_max),
          t_low_charge(raw_temperature(frame.lowest_temperature) < settings.t_min_charge),
          t_low_discharge(raw_temperature(frame.lowest_temperature) < settings.t_min_discharge) {}
};

/// The warnings Vh, Vl, Th and Tl, debounced over messages; Tl once per direction.
class Warnings {
public:
    void update(const CellLimits& now) {
        v_high_.update(now.v_high);
        v_low_.update(now.v_low);
        t_high_.update(now.t_high);
        t_low_charge_.update(now.t_low_charge);
        t_low_discharge_.update(now.t_low_discharge);
    }

    /// What opens a relay: the last message was beyond, and enough before it. A warning stays
    /// until its count is empty; a relay's way back begins with the first message inside.
    bool trips_v_high() const { return v_high_.full(); }
    bool trips_v_low() const { return v_low_.full(); }
    bool trips_t_high() const { return t_high_.full(); }
    bool trips_t_low_charge() const { return t_low_charge_.full(); }
    bool trips_t_low_discharge() const { return t_low_discharge_.full(); }

    // What is shown.
    bool v_high() const { return v_high_.active(); }
    bool v_low() const { return v_low_.active(); }
    bool t_high() const { return t_high_.active(); }
    bool t_low_charge() const { return t_low_charge_.active(); }
    bool t_low_discharge() const { return t_low_discharge_.active(); }

private:
    static constexpr uint8_t messages_v_max = 2, messages_v_min = 3, messages_temperature = 5;

    LeakyCounter<messages_v_max> v_high_;
    LeakyCounter<messages_v_min> v_low_;
    LeakyCounter<messages_temperature> t_high_, t_low_charge_, t_low_discharge_;
};

}  // namespace bms
