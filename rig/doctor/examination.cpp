// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/doctor/examination.hpp"

#include "firmware/core/ext_status.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "fixtures/profile.hpp"
#include "instruments/instrument_error.hpp"
#include "rig/stop.hpp"

namespace rig::doctor {

Stopped::Stopped() : std::runtime_error(stopped) {
}

bool Examination::gen2() const {
    return is_gen2(fixture.profile);
}

void Examination::wait(Nanoseconds span) {
    if (bench.clock->run_until(asked_to_stop, bench.clock->now() + span)) throw Stopped();
}

bool Examination::eventually(Nanoseconds within, const Holds& holds) {
    if (bench.ext == nullptr) return false;
    // The frame under way may tell of the time before.
    const int before = bench.ext->received() + 1;
    int seen = before;
    bool held = false;
    const auto ready = [&] {
        if (asked_to_stop()) return true;
        const int received = bench.ext->received();
        if (received == seen || received <= before) return false;
        seen = received;
        held = holds(bench.ext->latest()->frame);
        return held;
    };
    bench.clock->run_until(ready, bench.clock->now() + within);
    if (asked_to_stop()) throw Stopped();
    return held;
}

const bms::ExtFrame& Examination::latest() const {
    return bench.ext->latest().value().frame;
}

bool Examination::has_latest() const {
    return bench.ext != nullptr && bench.ext->latest().has_value();
}

void Examination::while_driven(DigitalOutput& line, bool tried, bool before,
                               const std::function<void()>& look) {
    line.drive(tried);
    try {
        look();
    } catch (...) {
        try {
            line.drive(before);
        } catch (const InstrumentError&) {
            // What kept it from looking is what to tell; everything is switched off next.
        }
        throw;
    }
    line.drive(before);
}

bool Examination::settled(Nanoseconds within) {
    return eventually(within, [&](const bms::ExtFrame& frame) {
        return !communication_error(frame) && frame.count == cells() && charge_allowed(frame) &&
               load_allowed(frame);
    });
}

bool communication_error(const bms::ExtFrame& frame) {
    return (frame.status & bms::status1::communication_error) != 0;
}

bool charge_allowed(const bms::ExtFrame& frame) {
    return (frame.status & bms::status1::charge_allowed) != 0;
}

bool load_allowed(const bms::ExtFrame& frame) {
    return (frame.status & bms::status1::discharge_allowed) != 0;
}

}  // namespace rig::doctor
