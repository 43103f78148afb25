// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/calibration.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "firmware/core/calibration_keeper.hpp"
#include "firmware/core/cell_reading.hpp"
#include "firmware/core/chain_origin.hpp"
#include "firmware/core/clock_trim.hpp"
#include "firmware/core/current_sensor.hpp"
#include "firmware/core/energy_record.hpp"
#include "firmware/core/pin_lock.hpp"
#include "firmware/core/settings_saver.hpp"

namespace {

using State = bms::SavedCalibration::State;

struct Eeprom {
    std::array<std::uint8_t, 1024> bytes;
    Eeprom() { bytes.fill(0xFF); }

    bms::SavedCalibration read() const {
        return bms::SavedCalibration::find([this](std::uint16_t at, std::uint8_t* to, std::uint8_t count) {
            std::memcpy(to, &bytes[at], count);
        });
    }

    /// Writes at most `limit` bytes; the last of them, half done, reads as `garbage`.
    void write(bms::CalibrationKeeper& keeper, int limit = 1000, int garbage = -1) {
        std::uint16_t address = 0;
        std::uint8_t byte = 0;
        for (int written = 0; written < limit && keeper.next(address, byte); ++written)
            bytes[address] = written + 1 == limit && garbage >= 0 ? static_cast<std::uint8_t>(garbage) : byte;
    }
};

bms::Calibration with_serial(std::uint32_t serial) {
    bms::Calibration calibration;
    calibration.voltage_gain = -500;
    calibration.sensors[1].zero[1] = -31;
    calibration.serial = serial;
    return calibration;
}

/// What a board with these parts reads of a cell, made right by `calibration`.
bms::CellReading read(double volts, double gain_error, const bms::Calibration& calibration) {
    bms::CellSamples samples;
    samples.voltage =
        static_cast<std::uint16_t>(std::min(16.0 * 1023, std::round(16 * volts / 0.005 * (1 + gain_error))));
    samples.temperature = 4 * 375;
    return {samples, calibration};
}

int quanta_at(double fine_counts, double coarse_counts, const bms::SensorCalibration& calibration) {
    bms::SensorSamples samples;
    samples.fine = static_cast<std::uint16_t>(std::lround(16 * fine_counts));
    samples.coarse = static_cast<std::uint16_t>(std::lround(16 * coarse_counts));
    return bms::sensor_current(samples, calibration);
}

}  // namespace

TEST_CASE("gain and offset make a voltage right over the whole range", "[firmware][calibration]") {
    for (const double error : {-0.015, -0.004, 0.0, 0.015}) {
        bms::Calibration calibration;
        calibration.voltage_gain = static_cast<std::int16_t>(std::lround((1 / (1 + error) - 1) * 65536));
        for (double volts = 1.5; volts <= 5.0; volts += 0.05) {
            CAPTURE(error, volts);
            CHECK(std::abs(read(volts, error, calibration).millivolts() - volts * 1000) <= 1.0);
            CHECK(read(volts, error, calibration).plausible());
        }
    }
    bms::Calibration lifted;
    lifted.voltage_offset = 16;
    CHECK(read(3.300, 0.0, lifted).millivolts() == 3305);
    lifted.voltage_offset = -160;
    CHECK(read(3.300, 0.0, lifted).millivolts() == 3250);
}

TEST_CASE("the converter's end is no voltage, whatever the calibration makes of it",
          "[firmware][calibration]") {
    bms::Calibration calibration;
    for (const int gain : {-1966, 0, 1966}) {
        calibration.voltage_gain = static_cast<std::int16_t>(gain);
        CAPTURE(gain);
        CHECK_FALSE(read(5.12, 0.0, calibration).plausible());
        CHECK(read(5.0, gain < 0 ? 0.022 : 0.0, calibration).plausible() == (gain <= 0));
        CHECK(read(5.2, 0.0, calibration).voltage() <= 1023);
    }
    calibration.voltage_offset = -160;
    CHECK(read(0.01, 0.0, calibration).voltage() == 0);
}

TEST_CASE("a temperature offset is added", "[firmware][calibration]") {
    bms::Calibration calibration;
    calibration.temperature_offset = -37;
    CHECK(read(3.3, 0.0, calibration).decidegrees() == 250 - 37);
}

TEST_CASE("a sensor's zero and gain are taken out of both ranges", "[firmware][calibration]") {
    bms::SensorCalibration calibration;
    calibration.zero[0] = 5 * 16 + 8;
    calibration.zero[1] = -2 * 16;
    CHECK(quanta_at(512 + 5.5, 510, calibration) == 0);
    CHECK(quanta_at(512 + 5.5 + 3, 510, calibration) == 0);
    CHECK(quanta_at(512 + 5.5 + 3.5, 510, calibration) == 4);
    CHECK(quanta_at(512 + 5.5 - 100, 510, calibration) == -100);
    CHECK(quanta_at(1000, 510 + 200, calibration) == 200 * 25);
    calibration.gain[0] = -655;  // 1 % too much
    calibration.gain[1] = 655;
    CHECK(quanta_at(512 + 5.5 + 303, 510, calibration) == 300);
    CHECK(std::abs(quanta_at(0, 510 - 396, calibration) + 400 * 25) <= 2);
}

TEST_CASE("a calibration that no board can need is refused and changes nothing", "[firmware][calibration]") {
    bms::CalibrationKeeper keeper;
    REQUIRE(keeper.change(with_serial(7)));
    const auto refused = [&](auto&& spoil) {
        bms::Calibration calibration = with_serial(8);
        spoil(calibration);
        const bool changed = keeper.change(calibration);
        return !changed && keeper.value().serial == 7;
    };
    CHECK(refused([](auto& c) { c.voltage_gain = 1967; }));
    CHECK(refused([](auto& c) { c.voltage_gain = -1967; }));
    CHECK(refused([](auto& c) { c.voltage_offset = 161; }));
    CHECK(refused([](auto& c) { c.temperature_offset = -81; }));
    CHECK(refused([](auto& c) { c.clock_trim = 201; }));
    CHECK(refused([](auto& c) { c.sensors[1].zero[0] = 161; }));
    CHECK(refused([](auto& c) { c.sensors[0].gain[1] = -1967; }));
    CHECK(refused([](auto& c) { c.sensors[0].gain[1] = -32768; }));
    CHECK_FALSE(refused([](auto&) {}));
}

TEST_CASE("a power cut at any byte leaves the old or the new calibration", "[firmware][eeprom]") {
    for (const bool first_ever : {true, false})
        for (int cut = 0; cut <= 2 * bms::StoredCalibration::size; ++cut)
            for (const int garbage : {-1, 0x00, 0xFF, 0x5A}) {
                CAPTURE(first_ever, cut, garbage);
                Eeprom eeprom;
                if (!first_ever) {
                    bms::CalibrationKeeper before;
                    before.change(with_serial(0x01020304));
                    eeprom.write(before);
                }
                bms::CalibrationKeeper keeper{eeprom.read()};
                keeper.change(with_serial(0xA1B2C3D4));
                eeprom.write(keeper, cut, garbage);

                const auto saved = eeprom.read();
                const bool is_new = saved.value.serial == 0xA1B2C3D4;
                CHECK((is_new || saved.value.serial == (first_ever ? 0u : 0x01020304u)));
                CHECK((saved.state == State::blank) == (first_ever && !is_new));
                if (is_new) {
                    CHECK(saved.value.voltage_gain == -500);
                    CHECK(saved.value.sensors[1].zero[1] == -31);
                }
                bms::CalibrationKeeper after{saved};
                eeprom.write(after);
                CHECK_FALSE(eeprom.read().copies_differ);
            }
}

TEST_CASE("two damaged copies, or good checksums over impossible values, are a lost calibration",
          "[firmware][eeprom]") {
    Eeprom eeprom;
    bms::CalibrationKeeper keeper;
    keeper.change(with_serial(5));
    eeprom.write(keeper);
    SECTION("damaged") {
        eeprom.bytes[bms::StoredCalibration::first_at + 3] ^= 1;
        CHECK(eeprom.read().value.serial == 5);
        eeprom.bytes[bms::StoredCalibration::second_at + 3] ^= 1;
    }
    SECTION("impossible") {
        auto impossible = with_serial(6);
        impossible.voltage_gain = 5000;
        const auto stored = bms::store(impossible);
        for (const auto at : {bms::StoredCalibration::first_at, bms::StoredCalibration::second_at})
            std::memcpy(&eeprom.bytes[at], stored.bytes, sizeof stored.bytes);
    }
    const bms::CalibrationKeeper found{eeprom.read()};
    CHECK(found.lost());
    CHECK(found.value().serial == 0);
    CHECK(found.value().voltage_gain == 0);
}

TEST_CASE("calibration, settings, lock and energy have EEPROM of their own", "[firmware][eeprom]") {
    CHECK(bms::StoredSettings::second_at + bms::StoredSettings::size <= bms::PinLock::kept_at);
    CHECK(bms::PinLock::kept_at + 2 <= bms::StoredCalibration::first_at);
    CHECK(bms::StoredCalibration::first_at + bms::StoredCalibration::size <=
          bms::StoredCalibration::second_at);
    CHECK(bms::StoredCalibration::second_at + bms::StoredCalibration::size <= bms::EnergyRing::begins_at);
}

TEST_CASE("a trimmed crystal counts true time, to the tick over a day", "[firmware][calibration]") {
    for (const int ppm : {-200, -37, 0, 50, 200}) {
        CAPTURE(ppm);
        bms::ClockTrim counts, passes;
        bms::Ticks counted = 0, passed = 0;
        for (int s = 0; s < 86400; ++s) {
            counted += counts.counted(bms::seconds(1), static_cast<std::int16_t>(ppm));
            passed += passes.passed(bms::seconds(1), static_cast<std::int16_t>(ppm));
        }
        const double day = 86400.0 * bms::ticks_per_second;
        CHECK(std::abs(counted - day * (1 + ppm * 1e-6)) <= 1);
        CHECK(std::abs(passed - day * (1 - ppm * 1e-6)) <= 1);
    }
}

TEST_CASE("a first board with a fast crystal still sends once per true second", "[firmware][calibration]") {
    bms::ChainOrigin origin{0};
    bms::Ticks now = origin.next();
    const bms::Ticks from = now;
    int sent = 0;
    for (; sent < 10000; ++sent) {
        now = origin.next();
        REQUIRE(origin.due(now, 150));
    }
    CHECK(std::abs(static_cast<double>(now - from) - 9999 * 1800 * (1 + 150e-6)) <= 1);
}
