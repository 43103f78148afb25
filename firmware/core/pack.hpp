// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/cell_cache.hpp"
#include "firmware/core/cell_count.hpp"
#include "firmware/core/cell_reading.hpp"
#include "firmware/core/chain_alarm.hpp"
#include "firmware/core/chain_frame.hpp"
#include "firmware/core/clock_trim.hpp"
#include "firmware/core/configuration.hpp"
#include "firmware/core/energy.hpp"
#include "firmware/core/energy_record.hpp"
#include "firmware/core/fresh_messages.hpp"
#include "firmware/core/relay_rules.hpp"
#include "firmware/core/settings.hpp"
#include "firmware/core/state_of_charge.hpp"
#include "firmware/core/ticks.hpp"
#include "firmware/core/warnings.hpp"

namespace bms {

/// What the last board knows of the pack, and what it decides from it: who may charge and
/// discharge, what is wrong, how full it is.
class Pack {
public:
    /// What a reset by watchdog or brown-out left behind: nothing, or which relays were on.
    struct Resumed {
        bool any{}, charge{}, load{};
    };

    Pack(Ticks now, const Settings& settings, bool settings_lost, const Resumed& resumed);

    /// What EEPROM kept of the count of energy; without it, half full and not calibrated.
    void restore(const EnergyState& state) {
        soc_.restore(state);
        energy_.restore(state);
    }
    EnergyState energy_state() const {
        EnergyState state;
        soc_.save(state);
        energy_.save(state);
        return state;
    }

    /// A valid frame, the last board's own contribution in it; step() comes after it. False for a repeated
    /// one.
    bool message(Ticks now, const ChainFrame& frame);

    /// The last board's own reading: all there is to show before the first message.
    void own_cell(const Contribution& own);

    /// How fast this board's crystal is, in ppm: the day's clock goes right.
    void trim_clock(int16_t ppm) { clock_trim_ = ppm; }

    /// Lets time pass: alarms, rest after an off, the day.
    void step(Ticks now);
    Ticks due() const;

    /// One setting, clear_counters or the clock, written by the app.
    Refusal write(uint16_t address, uint16_t value);

    /// BTN-01: the button on the board lets in whoever holds it.
    void reset_pin() {
        settings_.pin = Settings{}.pin;
        changed_ = true;
    }

    /// True once after settings were changed.
    bool take_changed() {
        const bool changed = changed_;
        changed_ = false;
        return changed;
    }

    /// What a reset now may leave on. Nothing until an earlier one is lived through: a board that
    /// resets for ever must not keep its relays on for ever.
    Resumed to_resume() const {
        Resumed resumed;
        resumed.any = true;
        resumed.charge = charge_.allowed() && !resumed_;
        resumed.load = load_.allowed() && !resumed_;
        return resumed;
    }

    bool charge_allowed() const { return charge_.allowed(); }
    bool load_allowed() const { return load_.allowed(); }
    uint8_t status1() const;

    /// Status byte 2 without the relays' own bits.
    uint8_t warnings2() const;

    const Settings& settings() const { return settings_; }
    const ChainFrame& last_message() const { return last_; }  ///< the last whose cells were good
    const CellCache& cells() const { return cells_; }
    const StateOfCharge& soc() const { return soc_; }
    const EnergyCounters& energy() const { return energy_; }
    bool heard() const { return heard_; }
    /// E. Generation 2 has no other way to say that settings were lost.
    bool communication_error() const {
        return alarm_.raised() || (settings_lost_ && !Profile::can_warn_early);
    }

private:
    static constexpr uint8_t periods_resumed = 5;

    Communication communication() const;
    void take_in(const ChainFrame& frame);
    void count_energy(const ChainFrame& frame);
    void sensor_changed();
    void forbid_both(Ticks now);

    Settings settings_;
    ChainFrame last_{};
    CellCache cells_;
    FreshMessages messages_;
    CellCount count_;
    CellCount::Verdict verdict_ = CellCount::Verdict::gathering;
    ChainAlarm alarm_;
    Warnings warnings_;
    EnergyCounters energy_;
    StateOfCharge soc_;
    Permission charge_, load_;
    Ticks started_at_, stepped_at_, resumed_until_;
    ClockTrim trim_;
    int16_t clock_trim_{};
    bool heard_ = false, changed_ = false, settings_lost_, resumed_;
};

}  // namespace bms
