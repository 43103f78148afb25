// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/current_sensor.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

namespace {

/// What both outputs of a sensor show at a current, converted without noise.
int quanta_at(double amperes) {
    const auto counts = [](double value) {
        return static_cast<std::uint16_t>(16 * std::clamp(std::round(value), 0.0, 1023.0));
    };
    bms::SensorSamples samples;
    samples.fine = counts(512 + amperes / 0.05);
    samples.coarse = counts(512 + amperes / 1.25);
    return bms::sensor_current(samples, {});
}

}  // namespace

TEST_CASE("currents below 20 A have 50 mA, above it 1.25 A of resolution", "[firmware][current]") {
    CHECK(quanta_at(1.0) == 20);
    CHECK(quanta_at(-1.05) == -21);
    CHECK(quanta_at(20.0) == 400);
    CHECK(quanta_at(-20.0) == -400);
    CHECK(quanta_at(25.0) == 500);
    CHECK(quanta_at(500.0) == 10000);
    CHECK(quanta_at(-500.0) == -10000);
}

TEST_CASE("currents up to 150 mA read as exactly nothing", "[firmware][current]") {
    CHECK(quanta_at(0.15) == 0);
    CHECK(quanta_at(-0.15) == 0);
    bms::SensorSamples beyond;
    beyond.fine = 16 * 515 + 1;  // 153 mA
    beyond.coarse = 16 * 512;
    CHECK(bms::sensor_current(beyond, {}) == 3);
    CHECK(quanta_at(0.20) == 4);
    CHECK(quanta_at(-0.20) == -4);
}

TEST_CASE("a sensor whose outputs rest below 0.1 V is absent", "[firmware][current]") {
    bms::SensorSamples samples;
    samples.fine = samples.coarse = 16 * 49;
    CHECK(bms::sensor_current(samples, {}) == bms::ChainFrame::current_absent);
    samples.coarse = 16 * 50;
    CHECK(bms::sensor_current(samples, {}) != bms::ChainFrame::current_absent);
}
