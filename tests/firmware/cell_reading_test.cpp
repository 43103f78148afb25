// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/cell_reading.hpp"

#include <catch2/catch.hpp>

#include <cmath>

namespace {

/// What a converter that rounds down makes of noisy inputs: half a count less on average.
bms::CellReading reading(double voltage_counts, double temperature_counts) {
    bms::CellSamples samples;
    samples.voltage = static_cast<std::uint16_t>(std::lround(16 * (voltage_counts - 0.5)));
    samples.temperature = static_cast<std::uint16_t>(std::lround(4 * (temperature_counts - 0.5)));
    return bms::CellReading{samples};
}

}  // namespace

TEST_CASE("sixteen conversions give the voltage in 5 mV and finer in millivolts", "[firmware][cell]") {
    const auto cell = reading(660.25, 375);
    CHECK(cell.voltage() == 660);
    CHECK(cell.millivolts() == 3301);
    CHECK(reading(660.5, 375).voltage() == 661);
    CHECK(cell.plausible());
}

TEST_CASE("the temperature sensor gives 500 mV at 0 degrees and 10 mV per degree", "[firmware][cell]") {
    CHECK(reading(660, 250).decidegrees() == 0);
    CHECK(reading(660, 375).decidegrees() == 250);
    CHECK(reading(660, 50).decidegrees() == -400);
    CHECK(reading(660, 675).decidegrees() == 850);
}

TEST_CASE("a reading at the converter's end is a loose lead and contributes no voltage", "[firmware][cell]") {
    const auto loose = reading(1023.5, 375);
    CHECK_FALSE(loose.plausible());
    CHECK(bms::Contribution(loose, false).voltage == 0);
    CHECK(bms::Contribution(reading(1000, 375), false).voltage == 1000);
}

TEST_CASE("a contribution's temperature is the raw value of the protocols", "[firmware][cell]") {
    CHECK(bms::raw_temperature(bms::Contribution(reading(660, 375), false).temperature) == 300);
}
