// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_reading.hpp"
#include "firmware/core/dual_range_sensor.hpp"
#include "firmware/core/rated_sensor.hpp"
#include "firmware/core/self_test.hpp"
#include "firmware/core/service_frame.hpp"
#include "firmware/core/ticks.hpp"

namespace bms {

/// What every board does for the end of the line: reads and writes its calibration and serial
/// number, tells raw counts, tests its parts. Writes and tests need the unlock sequence, which
/// holds for a minute after each request. None of it reaches what decides over the relays.
class ServiceDesk {
public:
    ServiceDesk(BoardRole role, CalibrationKeeper& calibration) : role_(role), calibration_(calibration) {}

    // What the board last read, before calibration.
    void sampled(const CellSamples& cell) {
        raw_[0] = cell.voltage;
        raw_[1] = cell.temperature;
    }
    void sampled(uint8_t sensor, const DualRangeSamples& samples) {
        raw_[2 + 2 * sensor] = samples.fine;
        raw_[3 + 2 * sensor] = samples.coarse;
    }
    void sampled(uint8_t sensor, const RatedSensorSamples& samples) { raw_[2 + 2 * sensor] = samples.output; }

    /// The last board's: what the rules allow. A relay that is not allowed is not tested.
    void relays_allowed(bool charge, bool load) { allowed_ = Relays{charge, load}; }

    /// Lets time pass: tests end, the lock falls shut.
    void step(Ticks now) {
        tests_.step(now);
        if (unlocked_ && reached(now, locks_at_)) unlocked_ = false;
    }
    Ticks due(Ticks otherwise) const {
        otherwise = tests_.due(otherwise);
        return unlocked_ ? earlier(otherwise, locks_at_) : otherwise;
    }

    /// Carries a request out, or says why not.
    ServiceAnswer run(Ticks now, const ServiceRequest& request);

    const SelfTest& tests() const { return tests_; }

private:
    struct Relays {
        bool charge = false, load = false;
    };

    ServiceResult carry_out(Ticks now, const ServiceRequest& request, ServiceAnswer& answer);
    ServiceResult write(const ServiceRequest& request);
    ServiceResult test(Ticks now, const ServiceRequest& request);
    void tell_identity(uint8_t* at) const;
    void tell_raw_counts(uint8_t* at) const;

    BoardRole role_;
    CalibrationKeeper& calibration_;
    uint16_t raw_[ServiceAnswer::data_size / 2] = {};
    Relays allowed_;
    SelfTest tests_;
    bool unlocked_ = false;
    Ticks locks_at_ = 0;
};

/// A board's service by frames of the chain: one request is carried out once, however often it
/// comes.
class ServiceMail {
public:
    /// True when there is a new answer() to fill into the frames that pass.
    bool receive(Ticks now, const ServiceRequest& request, ServiceDesk& desk) {
        if (request.command() == service_command::look || request == last_) return false;
        last_ = request;
        answer_ = desk.run(now, request);
        return true;
    }

    const ServiceAnswer& answer() const { return answer_; }

private:
    ServiceRequest last_{};  ///< none yet: a look
    ServiceAnswer answer_{};
};

}  // namespace bms
