// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_frame.hpp"
#include "firmware/core/configuration.hpp"
#include "firmware/core/energy.hpp"
#include "firmware/core/leaky_counter.hpp"
#include "firmware/core/settings.hpp"

namespace bms {

/// How full the pack is: energy counted against the capacity, put right when it is full and
/// when it is empty.
class StateOfCharge {
public:
    explicit StateOfCharge(const Settings& settings) { stored_.set_wh(capacity_wh(settings) / 2); }

    /// What flowed through one sensor since the last message.
    void count(const EnergyFlow& flow, uint32_t per_wh) {
        if (flow.into_pack)
            stored_.add(flow.quanta, per_wh);
        else
            stored_.take(flow.quanta, per_wh);
    }

    /// After count(): what the message says about full and empty.
    void message(const ChainFrame& frame, const Settings& settings, bool load_allowed) {
        if (stored_.wh() >= capacity_wh(settings)) stored_.set_wh(capacity_wh(settings));

        const bool counted = frame.i1 != ChainFrame::current_absent || frame.i2 != ChainFrame::current_absent;
        if (!counted) calibrated_ = emptied_ = false;

        const uint8_t weight = message_weight(frame.fast);
        full_.update(is_full(frame, settings), weight);
        if (full_.full()) {
            stored_.set_wh(capacity_wh(settings));
            calibrated_ = counted;
        }

        const bool was_starved = starved_.active();
        starved_.update(!load_allowed && frame.lowest_voltage <= settings.v_min, weight);
        if (Profile::starving_empties && starved_.active() && !was_starved) {
            stored_.set_wh(0);
            emptied_ = counted;
        }
    }

    /// Keeps the percentage when the capacity is set anew.
    void capacity_changed(uint16_t from_100wh, uint16_t to_100wh) {
        const uint32_t wh = stored_.wh();
        stored_.set_wh(wh / from_100wh * to_100wh + wh % from_100wh * to_100wh / from_100wh);
    }
    void sensor_changed() { stored_.drop_remainder(); }

    void save(EnergyState& state) const {
        state.stored_wh = stored_.wh();
        state.calibrated = calibrated_;
        state.emptied = emptied_;
    }
    void restore(const EnergyState& state) {
        stored_.set_wh(state.stored_wh);
        calibrated_ = state.calibrated;
        emptied_ = state.emptied;
    }

    uint8_t percent(const Settings& settings) const {
        const uint32_t percent = stored_.wh() / settings.capacity;
        return percent > 100 ? uint8_t{100} : static_cast<uint8_t>(percent);
    }
    uint32_t stored_wh() const { return stored_.wh(); }
    bool calibrated() const { return calibrated_; }
    bool full() const { return full_.full(); }

    /// A new pack's count is a guess, and that of a pack with an empty cell is wrong, however
    /// much was charged since: both must be chargeable.
    bool below_charge_restart(const Settings& settings) const {
        return !calibrated_ || starved_.active() || below(settings.charge_restart, settings);
    }
    bool reaches_discharge_restart(const Settings& settings) const {
        return (!calibrated_ && !emptied_) || !below(settings.discharge_restart, settings);
    }

private:
    static constexpr uint8_t messages_to_full =
        static_cast<uint8_t>(seconds(30) / Profile::fast_message_period);
    static constexpr uint8_t messages_to_empty =
        static_cast<uint8_t>(seconds(15) / Profile::fast_message_period);

    /// percent() < threshold, without its division.
    bool below(uint8_t threshold, const Settings& settings) const {
        return stored_.wh() < static_cast<uint32_t>(threshold) * settings.capacity;
    }

    static uint32_t capacity_wh(const Settings& settings) { return settings.capacity * uint32_t{100}; }

    static bool is_full(const ChainFrame& frame, const Settings& settings) {
        const uint16_t full = full_voltage(settings, frame.balance_voltage);
        const bool voltage_reached = critical_mode(frame, settings)
                                         ? frame.sum >= static_cast<uint32_t>(full) * frame.hops
                                         : frame.lowest_voltage >= full;
        return voltage_reached && (!Profile::full_needs_low_power || low_power(frame, settings));
    }

    /// SOC-03: what charges the pack, less what its boards burn off, is at most 5 % of the
    /// capacity per hour. Powers in 4 mW: 16 quanta of 5 mV times 50 mA.
    static bool low_power(const ChainFrame& frame, const Settings& settings) {
        constexpr uint32_t allowed_per_100wh = 5000 / 4;  // 5 W
        constexpr uint32_t bypass_divisor = 34 * 16;      // 5 mV * 5 mV / 3.4 ohm = 4 mW / (34 * 16)
        const int32_t current = battery_current(frame);
        if (current <= 0) return true;
        const uint32_t charging = ((frame.sum / 16) * static_cast<uint32_t>(current)) >>
                                  LoopedSensorType{settings.sensor_type}.shift();
        const uint32_t burnt = static_cast<uint32_t>(frame.balance_voltage) * frame.balance_voltage *
                               frame.balancing / bypass_divisor;
        return charging <= settings.capacity * allowed_per_100wh + burnt;
    }

public:
    /// CUR-07, CUR-08: I-1 - I-2; an absent sensor counts as nothing.
    static int32_t battery_current(const ChainFrame& frame) {
        return (frame.i1 == ChainFrame::current_absent ? int32_t{0} : frame.i1) -
               (frame.i2 == ChainFrame::current_absent ? int32_t{0} : frame.i2);
    }

private:
    EnergyMeter stored_;
    bool calibrated_ = false, emptied_ = false;
    LeakyCounter<messages_to_full> full_;
    LeakyCounter<messages_to_empty> starved_;
};

}  // namespace bms
