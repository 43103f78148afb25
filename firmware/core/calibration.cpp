// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/calibration.hpp"

#include "firmware/core/crc16.hpp"

namespace bms {
namespace {

constexpr uint8_t layout_version = 1;

/// Walks the fields in the order of the layout; the one list of them, for both directions.
template <class Field>
void each_field(Calibration& c, Field&& field) {
    field(c.voltage_gain);
    field(c.voltage_offset);
    field(c.temperature_offset);
    field(c.clock_trim);
    for (SensorCalibration& sensor : c.sensors)
        for (uint8_t output = 0; output < SensorCalibration::outputs; ++output) {
            field(sensor.zero[output]);
            field(sensor.gain[output]);
        }
    int16_t high = static_cast<int16_t>(c.serial >> 16), low = static_cast<int16_t>(c.serial & 0xFFFF);
    field(high);
    field(low);
    c.serial = static_cast<uint32_t>(static_cast<uint16_t>(high)) << 16 | static_cast<uint16_t>(low);
}

void put(uint8_t*& at, uint16_t word) {
    *at++ = static_cast<uint8_t>(word >> 8);
    *at++ = static_cast<uint8_t>(word & 0xFF);
}

uint16_t get(const uint8_t*& at) {
    const uint16_t high = *at++;
    return static_cast<uint16_t>(static_cast<uint16_t>(high << 8) | *at++);
}

constexpr uint8_t covered = StoredCalibration::size - 2;

}  // namespace

bool valid(const SensorCalibration& sensor) {
    for (uint8_t output = 0; output < SensorCalibration::outputs; ++output)
        if (!within(sensor.zero[output], calibration_limit::sensor_zero) ||
            !within(sensor.gain[output], calibration_limit::gain))
            return false;
    return true;
}

bool valid(const Calibration& c) {
    for (const SensorCalibration& sensor : c.sensors)
        if (!valid(sensor)) return false;
    return within(c.voltage_gain, calibration_limit::gain) &&
           within(c.voltage_offset, calibration_limit::voltage_offset) &&
           within(c.temperature_offset, calibration_limit::temperature_offset) &&
           within(c.clock_trim, calibration_limit::clock_trim);
}

StoredCalibration store(const Calibration& calibration) {
    StoredCalibration stored;
    uint8_t* at = stored.bytes;
    *at++ = layout_version;
    Calibration copy = calibration;
    each_field(copy, [&at](int16_t field) { put(at, static_cast<uint16_t>(field)); });
    put(at, crc16(stored.bytes, covered));
    return stored;
}

bool load(const StoredCalibration& stored, Calibration& calibration) {
    const uint8_t* at = stored.bytes + covered;
    if (get(at) != crc16(stored.bytes, covered)) return false;
    at = stored.bytes;
    if (*at++ != layout_version) return false;
    Calibration read;
    each_field(read, [&at](int16_t& field) { field = static_cast<int16_t>(get(at)); });
    if (!valid(read)) return false;
    calibration = read;
    return true;
}

}  // namespace bms
