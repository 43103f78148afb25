// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <stdint.h>

#include "firmware/core/chain_frame.hpp"

namespace bms {

/// What the end of the line asks of one board. Numbers are MSB first.
struct ServiceRequest {
    static constexpr uint8_t size = 12, longest_argument = 10;

    uint8_t bytes[size];  ///< tag, command, argument

    uint8_t tag() const { return bytes[0]; }
    uint8_t command() const { return bytes[1]; }
    const uint8_t* argument() const { return bytes + 2; }
    uint16_t word(uint8_t at) const {
        return static_cast<uint16_t>(static_cast<uint16_t>(argument()[at] << 8) | argument()[at + 1]);
    }

    bool operator==(const ServiceRequest& other) const {
        for (uint8_t i = 0; i < size; ++i)
            if (bytes[i] != other.bytes[i]) return false;
        return true;
    }
};

/// What a board says to the last request that it carried out or refused.
struct ServiceAnswer {
    static constexpr uint8_t size = 14, data_size = 12;

    uint8_t bytes[size];  ///< tag of that request, status, data

    uint8_t tag() const { return bytes[0]; }
    uint8_t status() const { return bytes[1]; }
    const uint8_t* data() const { return bytes + 2; }
};

/// The service frame: as long as a message, with its own start byte, so that what has to do with
/// messages never sees one. A board fills in its answer as the frame passes, and carries the
/// request out once it has seen that the frame is good: the answer is in the next one. The same
/// request again is not carried out again, so it is sent until its answer is in it.
struct ServiceFrame {
    static constexpr uint8_t size = ChainFrame::size;
    static constexpr uint8_t start_byte = 0x4C;  ///< each bit another than the message's

    uint8_t hops = 0;    ///< boards that it has passed
    uint8_t target = 0;  ///< the board it is for, by hops; 0: none
    ServiceRequest request{};
    ServiceAnswer answer{};
};

/// Where each field stands; the frame ends as a message does.
namespace service_at {
constexpr uint8_t start = chain_at::start, hops = 1, target = 2, request = 3,
                  answer = request + ServiceRequest::size;
static_assert(answer + ServiceAnswer::size == chain_at::crc_msb, "the frame ends as a message does");
}  // namespace service_at

void encode(const ServiceFrame& frame, uint8_t (&bytes)[ServiceFrame::size]);

/// False, and `frame` untouched, for anything but an undamaged service frame.
bool decode(const uint8_t (&bytes)[ServiceFrame::size], ServiceFrame& frame);

namespace service_command {
// For everybody.
constexpr uint8_t look = 0x00;  ///< nothing is carried out: the answer to the request before
constexpr uint8_t identity = 0x01, raw_counts = 0x02, board_calibration = 0x03, sensor_calibration = 0x04,
                  time = 0x05;
constexpr uint8_t unlock = 0x10;
// Once unlocked.
constexpr uint8_t lock = 0x11, write_voltage = 0x12, write_temperature = 0x13, write_clock_trim = 0x14,
                  write_sensor = 0x15, write_serial = 0x16;
constexpr uint8_t test_bypass = 0x20, test_lights = 0x21, test_relay = 0x22;
}  // namespace service_command

/// The argument of `unlock`.
constexpr uint8_t service_key[] = {0x5A, 0xA5, 0xC3, 0x3C, 0x96, 0x69, 0xF0, 0x0F};

/// In the low bits of an answer's status.
enum class ServiceResult : uint8_t {
    none = 0,  ///< no request since the board started
    done = 1,
    locked = 2,
    range = 3,    ///< a value that no board can need
    unknown = 4,  ///< no such command on this board
    not_now = 5,  ///< nothing to test: that relay is not allowed
};

namespace service_status {
constexpr uint8_t result_mask = 0x0F, unlocked = 0x10, saving = 0x20;
constexpr uint8_t calibration_shift = 6;  ///< SavedCopies::State
}  // namespace service_status

/// First in the answer to `identity`, after the serial number: where the board sits.
enum class BoardRole : uint8_t { first = 1, middle = 2, last = 3 };

}  // namespace bms
