// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/zero_calibration.hpp"

#include <catch2/catch.hpp>

#include <cmath>

namespace {

constexpr bms::Ticks second = bms::ticks_per_second;

bms::DualRangeSamples sums(int fine, int coarse) {
    bms::DualRangeSamples samples;
    samples.fine = static_cast<std::uint16_t>(fine);
    samples.coarse = static_cast<std::uint16_t>(coarse);
    return samples;
}

const bms::DualRangeSamples unplugged = sums(16 * 15, 16 * 15);

/// The first board's button, held down while the sensors are read once a second.
struct Board {
    bms::Ticks now = 12345;
    bms::CalibrationKeeper keeper;
    bms::ZeroCalibration zero;
    bms::DualRangeSamples first = sums(16 * 518 + 4, 16 * 513), second_sensor = unplugged;

    void run(bms::Ticks span, bool pressed) {
        for (const bms::Ticks end = now + span; now != end; ++now) {
            if (now % second == 100) zero.sampled(first, second_sensor);
            zero.step(now, pressed, keeper);
        }
    }
    void hold() {
        run(second, false);
        run(6 * second, true);
        run(second, false);
    }
    const bms::SensorCalibration& sensor(int s) const { return keeper.value().sensors[s]; }
};

}  // namespace

TEST_CASE("what the sensors read while the button is held becomes zero", "[firmware][current]") {
    Board board;
    CHECK(bms::sensor_current(board.first, board.sensor(0)) == 6);
    board.hold();
    CHECK(bms::sensor_current(board.first, board.sensor(0)) == 0);
    CHECK(board.sensor(0).zero[0] == 6 * 16 + 4);
    CHECK(board.sensor(0).zero[1] == 16);
    CHECK(board.keeper.saving());
    SECTION("and a sensor that is not plugged keeps its own") {
        CHECK(board.sensor(1).zero[0] == 0);
    }
    SECTION("and once more, from where it then stands") {
        board.first = sums(16 * 510, 16 * 512);
        board.hold();
        CHECK(board.sensor(0).zero[0] == -2 * 16);
    }
}

TEST_CASE("readings are averaged, finer than a count", "[firmware][current]") {
    Board board;
    board.run(second, false);
    for (int s = 0; s < 6; ++s) {
        board.first = sums(16 * 512 + 4 * (s % 2), 16 * 512);
        board.run(second, true);
    }
    CHECK(std::abs(board.sensor(0).zero[0] - 2) <= 1);
}

TEST_CASE("a button let go before 5 s changes nothing", "[firmware][current]") {
    Board board;
    board.run(5 * second - 1, true);
    board.run(second, false);
    CHECK(board.sensor(0).zero[0] == 0);
    CHECK_FALSE(board.keeper.saving());
    CHECK_FALSE(board.zero.flashing());
}

TEST_CASE("a current that flows is no zero", "[firmware][current]") {
    Board board;
    SECTION("more than any sensor is off by") {
        board.first = sums(16 * 523, 16 * 512);
    }
    SECTION("less than nothing") {
        board.first = sums(16 * 501, 16 * 512);
    }
    SECTION("beyond the fine range") {
        board.first = sums(16 * 962, 16 * 540);
    }
    SECTION("in the other sensor") {
        board.second_sensor = sums(16 * 600, 16 * 516);
    }
    SECTION("nothing is plugged") {
        board.first = unplugged;
    }
    board.hold();
    CHECK(board.sensor(0).zero[0] == 0);
    CHECK_FALSE(board.keeper.saving());
    CHECK_FALSE(board.zero.flashing());
}

TEST_CASE("the LED tells with a fast flash that the zero was taken", "[firmware][current]") {
    Board board;
    board.run(second, false);
    board.run(5 * second, true);
    CHECK_FALSE(board.zero.flashing());
    board.run(1, true);
    REQUIRE(board.zero.flashing());
    int changes = 0;
    bool lit = false;
    while (board.zero.flashing()) {
        if (board.zero.lit(board.now) != lit) ++changes;
        lit = board.zero.lit(board.now);
        const bms::Ticks due = board.zero.due(board.now, board.now + second);
        REQUIRE(due != board.now);
        board.run(due - board.now, true);
        board.zero.step(board.now, true, board.keeper);
    }
    CHECK(changes == 30);
    CHECK_FALSE(lit);
}
