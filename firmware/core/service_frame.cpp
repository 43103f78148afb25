// SPDX-License-Identifier: BSD-2-Clause
#include "firmware/core/service_frame.hpp"

#include "firmware/core/crc16.hpp"

namespace bms {

void encode(const ServiceFrame& frame, uint8_t (&bytes)[ServiceFrame::size]) {
    bytes[service_at::start] = ServiceFrame::start_byte;
    bytes[service_at::hops] = frame.hops;
    bytes[service_at::target] = frame.target;
    for (uint8_t i = 0; i < ServiceRequest::size; ++i)
        bytes[service_at::request + i] = frame.request.bytes[i];
    for (uint8_t i = 0; i < ServiceAnswer::size; ++i)
        bytes[service_at::answer + i] = frame.answer.bytes[i];
    const uint16_t crc = crc16(bytes, chain_at::crc_msb);
    bytes[chain_at::crc_msb] = static_cast<uint8_t>(crc >> 8);
    bytes[chain_at::crc_lsb] = static_cast<uint8_t>(crc & 0xFF);
    bytes[chain_at::bad_since] = 0;
}

bool decode(const uint8_t (&bytes)[ServiceFrame::size], ServiceFrame& frame) {
    const uint16_t crc = crc16(bytes, chain_at::crc_msb);
    if (bytes[service_at::start] != ServiceFrame::start_byte || bytes[chain_at::bad_since] != 0 ||
        bytes[chain_at::crc_msb] != crc >> 8 || bytes[chain_at::crc_lsb] != (crc & 0xFF))
        return false;
    frame.hops = bytes[service_at::hops];
    frame.target = bytes[service_at::target];
    for (uint8_t i = 0; i < ServiceRequest::size; ++i)
        frame.request.bytes[i] = bytes[service_at::request + i];
    for (uint8_t i = 0; i < ServiceAnswer::size; ++i)
        frame.answer.bytes[i] = bytes[service_at::answer + i];
    return true;
}

}  // namespace bms
