// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/service_desk.hpp"
#include "firmware/core/service_entry.hpp"
#include "firmware/hal/board.hpp"

/// The first board's own services, and the way into the chain for everybody else's.
class FirstService {
public:
    explicit FirstService(bms::CalibrationKeeper& calibration) : desk_{bms::BoardRole::first, calibration} {}

    void sampled(const bms::CellSamples& cell, const bms::SensorSamples& sensor_1,
                 const bms::SensorSamples& sensor_2) {
        desk_.sampled(cell);
        desk_.sampled(0, sensor_1);
        desk_.sampled(1, sensor_2);
    }

    void step(bms::Ticks now, bms::ChainOrigin& origin) {
        uint8_t frame[bms::ServiceFrame::size];
        if (board::service_heard(frame)) entry_.heard(frame);
        if (entry_.step(now, origin, frame)) {
            board::send_message(frame);
            bms::ServiceRequest request;
            if (entry_.take_request(request) && mail_.receive(now, request, desk_))
                entry_.answer(mail_.answer());
        }
        desk_.step(now);
    }

    bms::Ticks due(bms::Ticks now, const bms::ChainOrigin& origin, bms::Ticks otherwise) const {
        return desk_.due(entry_.due(now, origin, otherwise));
    }

    const bms::SelfTest& tests() const { return desk_.tests(); }

private:
    bms::ServiceEntry entry_;
    bms::ServiceDesk desk_;
    bms::ServiceMail mail_;
};
