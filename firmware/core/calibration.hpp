// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/two_copies.hpp"

namespace bms {

/// A value made right by a factor of 1 + gain / 65536: 15 ppm a step, and a shift that costs
/// nothing.
constexpr int32_t scaled(int32_t value, int16_t gain) {
    return value + ((value * gain + 0x8000) >> 16);
}

/// What one current sensor's outputs differ from the ideal by, fine and coarse; a sensor with one
/// output uses the first.
struct SensorCalibration {
    static constexpr uint8_t outputs = 2;
    static constexpr int16_t zero_per_count = 16;

    int16_t zero[outputs] = {};  ///< 1/16 count: what 0 A reads above 512
    int16_t gain[outputs] = {};  ///< see scaled()
};

/// What makes one board's readings right, found at the end of the line and kept in EEPROM. All
/// zero is neutral: ideal parts.
struct Calibration {
    static constexpr uint8_t sensor_count = 2;
    static constexpr int16_t offset_per_count = 16;

    int16_t voltage_gain = 0;        ///< see scaled()
    int16_t voltage_offset = 0;      ///< 1/16 count, added: 0.3125 mV
    int16_t temperature_offset = 0;  ///< tenths of a degree, added
    int16_t clock_trim = 0;          ///< ppm by which the crystal is fast
    SensorCalibration sensors[sensor_count];
    uint32_t serial = 0;
};

/// How far each can be off: parts' tolerances (reference 1 %, divider 0.5 %, sensor gain 1 %, sensor
/// zero 2 counts, temperature 4 degrees, crystal 50 ppm) and as much again for what was forgotten.
/// A sensor's 0 A stands at half of the converter's range, so the reference moves it by 5 counts.
namespace calibration_limit {
constexpr int16_t gain = 1966;                                           ///< 3 %
constexpr int16_t voltage_offset = 10 * Calibration::offset_per_count;   ///< 50 mV
constexpr int16_t temperature_offset = 80;                               ///< 8 degrees
constexpr int16_t clock_trim = 200;                                      ///< ppm
constexpr int16_t sensor_zero = 10 * SensorCalibration::zero_per_count;  ///< 0.5 A of the fine range
}  // namespace calibration_limit

constexpr bool within(int16_t value, int16_t limit) {
    return value >= -limit && value <= limit;
}

bool valid(const SensorCalibration& sensor);

/// Whether everything is inside what parts can be off by.
bool valid(const Calibration& calibration);

/// As a calibration lies in EEPROM: a layout version, the fields, a CRC-16.
struct StoredCalibration {
    using Value = Calibration;
    static constexpr uint16_t first_at = 160, second_at = 208;
    static constexpr uint8_t words = 4 + 4 * Calibration::sensor_count + 2;
    static constexpr uint8_t size = 1 + 2 * words + 2;
    uint8_t bytes[size];
};

StoredCalibration store(const Calibration& calibration);

/// False, and `calibration` untouched, when the CRC is wrong, or right over a value that no board
/// can need.
bool load(const StoredCalibration& stored, Calibration& calibration);

using SavedCalibration = SavedCopies<StoredCalibration>;
using CalibrationSaver = CopySaver<StoredCalibration>;

}  // namespace bms
