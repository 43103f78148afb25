// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/auto_zero.hpp"

#include <catch2/catch.hpp>
#include <random>

namespace {

bms::RatedSensorSamples at_counts(double counts) {
    bms::RatedSensorSamples samples;
    samples.output = static_cast<std::uint16_t>(std::lround(16 * (512 + counts)));
    return samples;
}

struct Zeroing {
    bms::CalibrationKeeper keeper;
    bms::AutoZero zero;
    bms::RatedSensorSamples first = at_counts(3), second = at_counts(0);

    void readings(int count, bool wanted) {
        for (; count > 0; --count)
            zero.sampled(first, second, wanted, keeper);
    }
    int current(int sensor = 0) const {
        return bms::sensor_current(sensor == 0 ? first : second,
                                   zero.of(static_cast<std::uint8_t>(sensor), keeper.value()), false);
    }
    int kept(int sensor = 0) const { return keeper.value().sensors[sensor].zero[0]; }
};

}  // namespace

TEST_CASE("what a sensor reads while switch 4 is on is nothing", "[firmware][gen2][current]") {
    Zeroing test;
    CHECK(test.current() == 3);
    test.readings(1, true);
    CHECK(test.current() == 0);
    CHECK(test.kept() == 0);
    CHECK_FALSE(test.keeper.saving());

    SECTION("and stays so when it goes off, from then on in EEPROM") {
        test.readings(1, false);
        CHECK(test.current() == 0);
        CHECK(test.kept() == 48);
        CHECK(test.keeper.saving());
    }
    SECTION("and follows what changes meanwhile") {
        test.first = at_counts(-2);
        test.readings(20, true);
        CHECK(test.current() == 0);
        test.readings(1, false);
        CHECK(std::abs(test.kept() + 32) <= 1);
    }
}

TEST_CASE("nothing is written while nothing was zeroed", "[firmware][gen2][current]") {
    Zeroing test;
    test.readings(50, false);
    CHECK_FALSE(test.keeper.saving());
}

TEST_CASE("a current above 5 % of what the sensor is made for is no offset", "[firmware][gen2][current]") {
    Zeroing test;
    test.first = at_counts(10);
    test.readings(10, true);
    CHECK(test.current() == 0);
    test.readings(1, false);
    test.first = at_counts(10.0625);
    test.readings(10, true);
    test.readings(1, false);
    CHECK(test.kept() == 160);
    test.first = at_counts(-11);
    test.readings(10, true);
    CHECK(test.current() == -21);
    test.readings(1, false);
    CHECK(test.kept() == 160);
}

TEST_CASE("what service sets after switch 4 went off is in force", "[firmware][gen2][current]") {
    Zeroing test;
    test.readings(5, true);
    test.readings(1, false);
    bms::Calibration service = test.keeper.value();
    service.sensors[0].zero[0] = 0;
    REQUIRE(test.keeper.change(service));
    CHECK(test.current() == 3);
    test.readings(5, false);
    CHECK(test.kept() == 0);
}

TEST_CASE("readings that differ are averaged", "[firmware][gen2][current]") {
    Zeroing test;
    for (int i = 0; i < 20; ++i) {
        test.first = at_counts(i % 2 == 0 ? 1 : -1);
        test.readings(1, true);
    }
    test.readings(1, false);
    CHECK(std::abs(test.kept()) <= 4);
}

TEST_CASE("a sensor that is not plugged keeps its zero", "[firmware][gen2][current]") {
    Zeroing test;
    test.readings(5, true);
    test.readings(1, false);
    REQUIRE(test.kept() == 48);
    test.first = at_counts(-500);
    test.readings(5, true);
    test.readings(1, false);
    CHECK(test.kept() == 48);
}

TEST_CASE("zero is an average, so noise does not show", "[firmware][gen2][current]") {
    std::mt19937 random{5};
    std::normal_distribution<double> noise{0.0, 0.125};
    Zeroing test;
    for (int i = 0; i < 12; ++i) {
        test.first = at_counts(1.4 + noise(random));
        test.second = at_counts(-6.6 + noise(random));
        test.readings(1, true);
    }
    test.readings(1, false);
    CHECK(test.kept(0) == Approx(1.4 * 16).margin(3));
    CHECK(test.kept(1) == Approx(-6.6 * 16).margin(3));
    int shown = 0;
    for (int i = 0; i < 1000; ++i) {
        test.first = at_counts(1.4 + noise(random));
        test.readings(1, false);
        shown += test.current() != 0;
    }
    CHECK(shown <= 5);
}
