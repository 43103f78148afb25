// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/balancing.hpp"
#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_reading.hpp"
#include "firmware/core/profile.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// What every board does with its own cell: reads it once per message period, shortly before
/// the next message, burns off its surplus and says so with its LED.
class CellNode {
public:
    explicit CellNode(Ticks now) : read_at_(now), flash_ends_(now), listen_until_(now) {}

    /// A valid message came by, or was sent: read again just before the next one.
    void message(Ticks now, uint16_t balance_voltage, bool fast = false) {
        balance_voltage_ = balance_voltage;
        period_ = message_period(fast);
        listen_until_ = now + periods_to_lost_chain * period_;
        listening_ = true;
        flash_ends_ = now + flash;
        flashing_ = true;
        if (phase_ == Phase::waiting) read_at_ = now + period_ - read_ahead;
    }

    /// True when samples are to be taken now.
    bool step(Ticks now) {
        if (flashing_ && reached(now, flash_ends_)) flashing_ = false;
        if (listening_ && reached(now, listen_until_)) {
            listening_ = false;
            balance_voltage_ = 0;
            balancing_.stop();
        }
        if (!reached(now, read_at_)) return false;
        if (phase_ == Phase::waiting) {
            phase_ = Phase::pausing;
            read_at_ = now + bypass_pause;
            return false;
        }
        if (phase_ == Phase::pausing) {
            phase_ = Phase::sampling;
            return true;
        }
        return false;
    }

    void sampled(Ticks now, const CellSamples& samples, const CalibrationKeeper& calibration) {
        phase_ = Phase::waiting;
        read_at_ = now + period_;
        reading_ = CellReading{samples, calibration.value()};
        if (reading_.plausible())
            balancing_.update(reading_.millivolts(), static_cast<uint16_t>(balance_voltage_ * mv_per_unit),
                              reading_.decidegrees());
        else
            balancing_.stop();
        contribution_ = Contribution{reading_, balancing_.conducting(), calibration.lost()};
    }

    /// When step() has something to do; meaningless while samples are being taken.
    Ticks due() const {
        Ticks due = phase_ == Phase::sampling ? read_at_ + period_ : read_at_;
        if (flashing_) due = earlier(due, flash_ends_);
        if (listening_) due = earlier(due, listen_until_);
        return due;
    }

    /// `tested`: a self-test asks for it, which no hot board and no loose lead grants.
    bool bypass(bool tested = false) const {
        return phase_ == Phase::waiting &&
               (balancing_.conducting() || (tested && reading_.plausible() && !balancing_.hot()));
    }
    bool balancing() const { return balancing_.conducting(); }
    /// Without `flashes` only balancing lights it.
    bool lit(bool flashes = true) const { return balancing_.conducting() || (flashing_ && flashes); }
    const CellReading& reading() const { return reading_; }
    const Contribution& contribution() const { return contribution_; }

private:
    enum class Phase : uint8_t { waiting, pausing, sampling };

    static constexpr Ticks bypass_pause = at_least_ms(10);
    static constexpr Ticks read_ahead = about_ms(100);
    static constexpr Ticks flash = about_ms(50);
    static constexpr uint8_t periods_to_lost_chain = 10;
    static constexpr uint8_t mv_per_unit = 5;

    Phase phase_ = Phase::waiting;
    bool flashing_{}, listening_{};
    uint16_t balance_voltage_ = 0;
    Ticks period_ = Profile::message_period;
    Ticks read_at_, flash_ends_, listen_until_;
    Balancing balancing_;
    CellReading reading_;
    Contribution contribution_;
};

}  // namespace bms
