// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/current_sensor.hpp"
#include "firmware/core/energy_record.hpp"
#include "firmware/core/profile.hpp"

namespace bms {

/// Energy in whole quanta: one unit of pack voltage (5 mV) times one count of current during one
/// message period, the shortest where there are two. Nothing is ever rounded away: what does not
/// make a watt-hour stays in the remainder.
class EnergyMeter {
public:
    void add(uint32_t quanta, uint32_t per_wh) {
        remainder_ += quanta;
        if (remainder_ < per_wh) return;
        const uint32_t whole = remainder_ / per_wh;
        remainder_ -= whole * per_wh;
        wh_ = wh_ > most - whole ? most : wh_ + whole;
    }

    /// Stops at empty.
    void take(uint32_t quanta, uint32_t per_wh) {
        if (remainder_ >= quanta) {
            remainder_ -= quanta;
            return;
        }
        const uint32_t missing = quanta - remainder_;
        const uint32_t whole = (missing - 1) / per_wh + 1;
        if (whole > wh_) {
            set_wh(0);
            return;
        }
        wh_ -= whole;
        remainder_ = whole * per_wh - missing;
    }

    void set_wh(uint32_t wh) {
        wh_ = wh;
        remainder_ = 0;
    }
    /// The quantum changes with the sensor type; what was left of the old one is below 1 Wh.
    void drop_remainder() { remainder_ = 0; }

    uint32_t wh() const { return wh_; }

private:
    static constexpr uint32_t most = 0xFFFFFFFF;
    uint32_t wh_ = 0, remainder_ = 0;
};

/// What flowed through one sensor during one message period.
struct EnergyFlow {
    uint32_t quanta;
    bool into_pack;

    /// The current is positive into the pack; `weight` in the shortest message periods. 255 cells at
    /// 640 A still fit.
    EnergyFlow(uint32_t pack_voltage, int16_t current, uint8_t weight = 1)
        : quanta(pack_voltage * static_cast<uint16_t>(current < 0 ? -current : current) * weight),
          into_pack(current > 0) {}
};

/// The counters that the app and EXT show.
class EnergyCounters {
public:
    void count(const EnergyFlow& flow, uint32_t per_wh) {
        (flow.into_pack ? collected_today_ : consumed_today_).add(flow.quanta, per_wh);
        (flow.into_pack ? collected_total_ : consumed_total_).add(flow.quanta, per_wh);
        (flow.into_pack ? charged_ : discharged_).add(flow.quanta, per_wh);
    }

    /// The day's clock runs whether the app has set it or not: without, a day is 24 h of running.
    void elapse(Ticks ticks) {
        time_of_day_ += ticks;
        if (time_of_day_ < day) return;
        time_of_day_ -= day;
        end_day();
    }

    /// The app's clock. One that is far behind ours has passed midnight unseen, while the board
    /// was off or by a correction.
    void set_clock(uint16_t minutes) {
        const Ticks time = seconds(60) * minutes;
        if (clock_set_ && time + most_correction < time_of_day_) end_day();
        time_of_day_ = time;
        clock_set_ = true;
    }

    /// Minutes since midnight, or since the day of running began.
    uint16_t clock_minutes() const { return static_cast<uint16_t>(time_of_day_ / seconds(60)); }

    void clear_totals() {
        collected_total_ = EnergyMeter{};
        consumed_total_ = EnergyMeter{};
    }

    void drop_remainders() {
        EnergyMeter* const meters[] = {&collected_today_, &collected_total_, &charged_,
                                       &consumed_today_,  &consumed_total_,  &discharged_};
        for (EnergyMeter* meter : meters)
            meter->drop_remainder();
    }

    void save(EnergyState& state) const {
        state.clock_set = clock_set_;
        state.time_of_day = static_cast<uint16_t>(time_of_day_ / seconds(2));
        state.collected_today = collected_today_.wh();
        state.consumed_today = consumed_today_.wh();
        state.collected_total = collected_total_.wh();
        state.consumed_total = consumed_total_.wh();
        state.charged = charged_.wh();
        state.discharged = discharged_.wh();
    }
    void restore(const EnergyState& state) {
        clock_set_ = state.clock_set;
        time_of_day_ = state.time_of_day * seconds(2);
        if (time_of_day_ >= day) time_of_day_ = 0;
        collected_today_.set_wh(state.collected_today);
        consumed_today_.set_wh(state.consumed_today);
        collected_total_.set_wh(state.collected_total);
        consumed_total_.set_wh(state.consumed_total);
        charged_.set_wh(state.charged);
        discharged_.set_wh(state.discharged);
    }

    uint32_t collected_today_wh() const { return collected_today_.wh(); }
    uint32_t consumed_today_wh() const { return consumed_today_.wh(); }
    uint32_t collected_total_kwh() const { return collected_total_.wh() / 1000; }
    uint32_t consumed_total_kwh() const { return consumed_total_.wh() / 1000; }

    // Never cleared.
    uint32_t charged_kwh() const { return charged_.wh() / 1000; }
    uint32_t discharged_kwh() const { return discharged_.wh() / 1000; }
    uint16_t cycles(uint16_t capacity_100wh) const {
        const uint32_t cycles = discharged_.wh() / (capacity_100wh * uint32_t{100});
        return cycles > 0xFFFF ? uint16_t{0xFFFF} : static_cast<uint16_t>(cycles);
    }

private:
    void end_day() {
        collected_today_ = EnergyMeter{};
        consumed_today_ = EnergyMeter{};
    }

    static constexpr Ticks day = seconds(24ul * 3600);
    static constexpr Ticks most_correction = seconds(2ul * 3600);
    EnergyMeter collected_today_, collected_total_, charged_, consumed_today_, consumed_total_, discharged_;
    Ticks time_of_day_{};
    bool clock_set_ = false;
};

}  // namespace bms
