// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/service_desk.hpp"

#include "firmware/core/profile.hpp"

namespace bms {
namespace {

constexpr Ticks unlocked_for = seconds(60);

uint8_t* put(uint8_t* at, uint16_t word) {
    at[0] = static_cast<uint8_t>(word >> 8);
    at[1] = static_cast<uint8_t>(word & 0xFF);
    return at + 2;
}

uint8_t* put_long(uint8_t* at, uint32_t value) {
    at = put(at, static_cast<uint16_t>(value >> 16));
    return put(at, static_cast<uint16_t>(value & 0xFFFF));
}

uint8_t* put_signed(uint8_t* at, int16_t value) {
    return put(at, static_cast<uint16_t>(value));
}

int16_t signed_word(const ServiceRequest& request, uint8_t at) {
    return static_cast<int16_t>(request.word(at));
}

bool is_key(const uint8_t* argument) {
    for (const uint8_t byte : service_key)
        if (*argument++ != byte) return false;
    return true;
}

void tell(const SensorCalibration& sensor, uint8_t* at) {
    for (uint8_t output = 0; output < SensorCalibration::outputs; ++output) {
        at = put_signed(at, sensor.zero[output]);
        at = put_signed(at, sensor.gain[output]);
    }
}

void tell_board(const Calibration& calibration, uint8_t* at) {
    at = put_signed(at, calibration.voltage_gain);
    at = put_signed(at, calibration.voltage_offset);
    at = put_signed(at, calibration.temperature_offset);
    put_signed(at, calibration.clock_trim);
}

}  // namespace

ServiceAnswer ServiceDesk::run(Ticks now, const ServiceRequest& request) {
    ServiceAnswer answer{};
    const ServiceResult result = carry_out(now, request, answer);
    if (unlocked_) locks_at_ = now + unlocked_for;
    answer.bytes[0] = request.tag();
    answer.bytes[1] =
        static_cast<uint8_t>(static_cast<uint8_t>(result) | (unlocked_ ? service_status::unlocked : 0) |
                             (calibration_.saving() ? service_status::saving : 0) |
                             static_cast<uint8_t>(calibration_.state()) << service_status::calibration_shift);
    return answer;
}

ServiceResult ServiceDesk::carry_out(Ticks now, const ServiceRequest& request, ServiceAnswer& answer) {
    uint8_t* const data = answer.bytes + 2;
    switch (request.command()) {
        case service_command::identity:
            tell_identity(data);
            return ServiceResult::done;
        case service_command::raw_counts:
            tell_raw_counts(data);
            return ServiceResult::done;
        case service_command::board_calibration:
            tell_board(calibration_.value(), data);
            return ServiceResult::done;
        case service_command::sensor_calibration:
            if (request.argument()[0] >= Calibration::sensor_count) return ServiceResult::range;
            tell(calibration_.value().sensors[request.argument()[0]], data);
            return ServiceResult::done;
        case service_command::time:
            put_long(data, now);
            return ServiceResult::done;
        case service_command::unlock:
            if (!is_key(request.argument())) return ServiceResult::range;
            unlocked_ = true;
            return ServiceResult::done;
        default:
            break;
    }
    if (!unlocked_) return ServiceResult::locked;
    if (request.command() >= service_command::test_bypass) return test(now, request);
    return write(request);
}

ServiceResult ServiceDesk::write(const ServiceRequest& request) {
    Calibration next = calibration_.value();
    switch (request.command()) {
        case service_command::lock:
            unlocked_ = false;
            return ServiceResult::done;
        case service_command::write_voltage:
            next.voltage_gain = signed_word(request, 0);
            next.voltage_offset = signed_word(request, 2);
            break;
        case service_command::write_temperature:
            next.temperature_offset = signed_word(request, 0);
            break;
        case service_command::write_clock_trim:
            next.clock_trim = signed_word(request, 0);
            break;
        case service_command::write_sensor: {
            if (request.argument()[0] >= Calibration::sensor_count) return ServiceResult::range;
            SensorCalibration& sensor = next.sensors[request.argument()[0]];
            for (uint8_t output = 0; output < SensorCalibration::outputs; ++output) {
                const uint8_t at = static_cast<uint8_t>(1 + 4 * output);
                sensor.zero[output] = signed_word(request, at);
                sensor.gain[output] = signed_word(request, static_cast<uint8_t>(at + 2));
            }
            break;
        }
        case service_command::write_serial:
            next.serial = static_cast<uint32_t>(request.word(0)) << 16 | request.word(2);
            break;
        default:
            return ServiceResult::unknown;
    }
    return calibration_.change(next) ? ServiceResult::done : ServiceResult::range;
}

ServiceResult ServiceDesk::test(Ticks now, const ServiceRequest& request) {
    const uint8_t first = request.argument()[0], second = request.argument()[1];
    switch (request.command()) {
        case service_command::test_bypass:
            if (first > SelfTest::longest_tenths) return ServiceResult::range;
            tests_.bypass(now, first);
            return ServiceResult::done;
        case service_command::test_lights:
            if (first > SelfTest::longest_tenths) return ServiceResult::range;
            tests_.lights(now, first, second);
            return ServiceResult::done;
        case service_command::test_relay:
            if (role_ != BoardRole::last) return ServiceResult::unknown;
            if (first > 1) return ServiceResult::range;
            if (!(first == 0 ? allowed_.charge : allowed_.load)) return ServiceResult::not_now;
            tests_.relay(now, first == 0 ? SelfTest::Part::charge_relay : SelfTest::Part::load_relay);
            return ServiceResult::done;
        default:
            return ServiceResult::unknown;
    }
}

/// Serial number, role, firmware version.
void ServiceDesk::tell_identity(uint8_t* at) const {
    at = put_long(at, calibration_.value().serial);
    *at++ = static_cast<uint8_t>(role_);
    *at++ = version_major;
    *at++ = version_minor;
    *at = version_patch;
}

/// Sums of conversions: of the cell, of temperature, of each sensor's two outputs.
void ServiceDesk::tell_raw_counts(uint8_t* at) const {
    for (const uint16_t word : raw_)
        at = put(at, word);
}

}  // namespace bms
