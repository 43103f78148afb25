// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/state_of_charge.hpp"
#include "firmware/core/ticks.hpp"
#include "firmware/core/warnings.hpp"

namespace bms {

/// Whether one relay may be on. Off is at once; on takes a condition that has held for a while
/// and some rest since the last off; in between the relay keeps its state.
class Permission {
public:
    /// `allowed` after a reset that left the relay where it was.
    explicit Permission(bool allowed) : allowed_(allowed) {}

    void message(Ticks now, bool off, bool on) {
        held_ = on ? static_cast<uint8_t>(held_ + (held_ < messages_to_allow)) : uint8_t{0};
        if (off)
            switch_off(now);
        else if (held_ == messages_to_allow && !resting_)
            allowed_ = true;
    }

    /// Off for a reason that no message can outvote.
    void forbid(Ticks now) {
        held_ = 0;
        switch_off(now);
    }

    /// To be called at least once a day, messages or not.
    void step(Ticks now) {
        if (resting_ && reached(now, rested_at_)) resting_ = false;
    }

    bool allowed() const { return allowed_; }

private:
    static constexpr uint8_t messages_to_allow = 10;
    static constexpr Ticks rest = seconds(30);

    void switch_off(Ticks now) {
        if (!allowed_) return;
        allowed_ = false;
        resting_ = true;
        rested_at_ = now + rest;
    }

    bool allowed_, resting_{};
    uint8_t held_ = 0;
    Ticks rested_at_{};
};

/// Lost: the alarm E. Unsettled: boards are heard, but how many there are is not yet certain.
enum class Communication : uint8_t { lost, unsettled, good };

/// What one message says about both relays: RLY-01 to RLY-11.
struct RelayConditions {
    bool charge_off, charge_on, load_off, load_on;

    RelayConditions(const ChainFrame& frame, const Settings& settings, const CellLimits& limits,
                    const Warnings& warnings, const StateOfCharge& soc, Communication communication) {
        const bool normal = !critical_mode(frame, settings);
        charge_off = warnings.trips_v_high() || warnings.trips_t_high() || warnings.trips_t_low_charge() ||
                     communication == Communication::lost || settings.charge_forced_off != 0 ||
                     (normal && soc.full());
        charge_on = settings.charge_forced_off == 0 && !limits.v_high && !limits.t_high &&
                    !limits.t_low_charge && communication == Communication::good &&
                    (!normal || (frame.highest_voltage < full_voltage(settings, frame.balance_voltage) &&
                                 soc.below_charge_restart(settings)));
        load_off = warnings.trips_v_low() || warnings.trips_t_high() || warnings.trips_t_low_discharge() ||
                   communication == Communication::lost || settings.load_forced_off != 0;
        load_on = settings.load_forced_off == 0 && !limits.v_low && !limits.t_high &&
                  !limits.t_low_discharge && communication == Communication::good &&
                  (!normal || soc.reaches_discharge_restart(settings));
    }
};

}  // namespace bms
