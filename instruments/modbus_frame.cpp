// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/modbus_frame.hpp"

namespace rig {
namespace {

/// Low byte first, as the frame has it.
std::string crc_of(std::string_view bytes) {
    unsigned crc = 0xffff;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc & 1u ? crc >> 1 ^ 0xa001u : crc >> 1;
    }
    return {static_cast<char>(crc & 0xff), static_cast<char>(crc >> 8)};
}

}  // namespace

std::string modbus_frame(int unit, int function, std::string_view body) {
    std::string frame{static_cast<char>(unit), static_cast<char>(function)};
    frame += body;
    return frame + crc_of(frame);
}

std::string modbus_word(std::uint16_t word) {
    return {static_cast<char>(word >> 8), static_cast<char>(word & 0xff)};
}

std::uint16_t modbus_word_at(std::string_view frame, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(frame[at]) << 8 |
                                      static_cast<unsigned char>(frame[at + 1]));
}

bool modbus_whole(std::string_view frame) {
    return frame.size() >= 4 && crc_of(frame.substr(0, frame.size() - 2)) == frame.substr(frame.size() - 2);
}

}  // namespace rig
