// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/energy_record.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// Decides when the count of energy goes to EEPROM and hands it out a byte at a time: at a
/// change of 1 % of the capacity, every 15 min, and at once when what the count means has
/// changed (calibrated, emptied, a new day, totals cleared). Never while the board boots: a
/// supply that comes and goes shall not wear the ring out.
class EnergyKeeper {
public:
    EnergyKeeper(Ticks now, const EnergyRing& found)
        : boots_until_(now + boot),
          again_at_(now + longest),
          kept_(found.newest),
          sequence_(found.next_sequence),
          place_(found.next_place),
          any_(found.any) {}

    /// `capacity` in 100 Wh: as many watt-hours are 1 %.
    void step(Ticks now, const EnergyState& state, uint16_t capacity) {
        if (booting_ && reached(now, boots_until_)) booting_ = false;
        if (booting_ || at_ < StoredEnergy::size || !due(now, state, capacity)) return;
        kept_ = state;
        any_ = true;
        again_at_ = now + longest;
        stored_ = store(state, sequence_++);
        writing_at_ = EnergyRing::address(place_);
        place_ = place_ + 1 < EnergyRing::records ? static_cast<uint8_t>(place_ + 1) : uint8_t{0};
        at_ = 0;
    }

    /// The next byte to write, if there is one.
    bool next(uint16_t& address, uint8_t& byte) {
        if (at_ == StoredEnergy::size) return false;
        address = static_cast<uint16_t>(writing_at_ + at_);
        byte = stored_.bytes[at_++];
        return true;
    }

private:
    static constexpr Ticks boot = 10 * Profile::message_period;
    static constexpr Ticks longest = seconds(15 * 60);

    bool due(Ticks now, const EnergyState& state, uint16_t capacity) const {
        const uint32_t moved = state.stored_wh > kept_.stored_wh ? state.stored_wh - kept_.stored_wh
                                                                 : kept_.stored_wh - state.stored_wh;
        return !any_ || reached(now, again_at_) || moved >= capacity ||
               state.calibrated != kept_.calibrated || state.emptied != kept_.emptied ||
               state.collected_today < kept_.collected_today || state.consumed_today < kept_.consumed_today ||
               state.collected_total < kept_.collected_total || state.consumed_total < kept_.consumed_total ||
               state.clock_set != kept_.clock_set;
    }

    Ticks boots_until_, again_at_;
    EnergyState kept_;  ///< what the newest record holds
    StoredEnergy stored_{};
    uint16_t sequence_, writing_at_{};
    uint8_t place_, at_ = StoredEnergy::size;
    bool any_, booting_ = true;
};

}  // namespace bms
