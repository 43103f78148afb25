// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/cell_reading.hpp"

#include <catch2/catch.hpp>

namespace {
bms::CellReading reading(unsigned voltage_sum, unsigned temperature_sum,
                         const bms::Calibration& calibration = {}) {
    bms::CellSamples samples;
    samples.voltage = static_cast<std::uint16_t>(voltage_sum);
    samples.temperature = static_cast<std::uint16_t>(temperature_sum);
    return {samples, calibration};
}
}  // namespace

TEST_CASE("sixteen conversions give the voltage in 5 mV and finer in millivolts", "[firmware][cell]") {
    const auto cell = reading(16 * 660 + 4, 4 * 375);
    CHECK(cell.voltage() == 660);
    CHECK(cell.millivolts() == 3301);
    CHECK(reading(16 * 660 + 8, 0).voltage() == 661);
    CHECK(cell.plausible());
}

TEST_CASE("the temperature sensor gives 500 mV at 0 degrees and 10 mV per degree", "[firmware][cell]") {
    CHECK(reading(0, 4 * 250).decidegrees() == 0);
    CHECK(reading(0, 4 * 375).decidegrees() == 250);
    CHECK(reading(0, 4 * 50).decidegrees() == -400);
    CHECK(reading(0, 4 * 675).decidegrees() == 850);
}

TEST_CASE("a reading at the converter's end is a loose lead and contributes no voltage", "[firmware][cell]") {
    const auto loose = reading(16 * 1023, 4 * 375);
    CHECK_FALSE(loose.plausible());
    CHECK(bms::Contribution(loose, false, false).voltage == 0);
    CHECK(bms::Contribution(reading(16 * 1000, 4 * 375), false, false).voltage == 1000);
}

TEST_CASE("a contribution's temperature is the raw value of the protocols", "[firmware][cell]") {
    CHECK(bms::raw_temperature(bms::Contribution(reading(16 * 660, 4 * 375), false, false).temperature) ==
          300);
}
