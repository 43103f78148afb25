// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rig/doctor/examination.hpp"

namespace rig::doctor {

namespace {

constexpr double gen3_a = 10.0, share_of_rated = 0.25;
constexpr double good_for = 0.3;  ///< of what is injected: sensors before calibration, zero and gain
constexpr Nanoseconds read_within = seconds(6);

const bms::ExtCurrent& reading(const bms::ExtFrame& frame, int sensor) {
    return sensor == 1 ? frame.i1 : frame.i2;
}

bool near(const bms::ExtCurrent& shown, double amperes, double within) {
    const auto read = amperes_of(shown);
    return read && std::abs(*read - amperes) <= within;
}

void look_at_sensor(Examination& x, int number, CurrentInjector& injector) {
    const std::string what = fmt::format("sensor[{}]", number);
    const double rated = x.gen2() ? share_of_rated * x.fixture.pack.sensor.value : gen3_a;
    const double injected = std::min(rated, x.fixture.envelope.sensor_max.value);
    const double within = good_for * injected;
    injector.inject(Amperes{injected});
    const bool right = x.eventually(read_within, [&](const bms::ExtFrame& frame) {
        return near(reading(frame, number), injected, within);
    });
    const bms::ExtCurrent own = reading(x.latest(), number), other = reading(x.latest(), 3 - number);
    injector.inject(Amperes{0.0});
    const auto shown = amperes_of(own);
    if (right)
        x.sheet.good(what, fmt::format("{:.1f} A injected, {:.1f} A shown", injected, *shown));
    else if (!shown)
        x.sheet.fault(what, "the board sees no sensor");
    else if (near(own, -injected, within))
        x.sheet.fault(what, fmt::format("reversed: {:.1f} A injected, {:.1f} A shown", injected, *shown));
    else if (near(own, 0.0, within) && near(other, injected, within))
        x.sheet.fault(what, fmt::format("sensor {} shows what is injected here", 3 - number));
    else
        x.sheet.fault(what, fmt::format("{:.1f} A injected, {:.1f} A shown", injected, *shown));
}

}  // namespace

void look_at_sensors(Examination& x) {
    for (const auto& [number, injector] : x.bench.sensors)
        look_at_sensor(x, number, *injector);
}

}  // namespace rig::doctor
