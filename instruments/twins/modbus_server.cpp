// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/modbus_server.hpp"

#include <utility>

#include "instruments/modbus_frame.hpp"

namespace rig {
namespace {

constexpr Nanoseconds frame_ends{2'000'000};  ///< the least that Modbus has for fast lines is 1.75 ms

}  // namespace

ModbusServer::ModbusServer(Clock& clock, std::unique_ptr<ByteLink> link, RegisterSpace& space, int unit)
    : clock_(clock), link_(std::move(link)), space_(space), unit_(unit) {
    link_->on_receive([this](std::string_view bytes) {
        unfinished_ += bytes;
        clock_.at(clock_.now() + frame_ends, [alive = std::weak_ptr(alive_), this, piece = ++pieces_] {
            if (!alive.expired() && pieces_ == piece) act(std::exchange(unfinished_, {}));
        });
    });
}

ModbusServer::~ModbusServer() {
    link_->on_receive(nullptr);
}

void ModbusServer::act(const std::string& frame) {
    if (!modbus_whole(frame) || static_cast<unsigned char>(frame[0]) != unit_) return;
    const int function = static_cast<unsigned char>(frame[1]);
    try {
        link_->send(modbus_frame(unit_, function, answer(function, frame)));
    } catch (const RegisterSpace::Refusal& refusal) {
        link_->send(modbus_frame(unit_, function | 0x80, std::string{static_cast<char>(refusal.code)}));
    }
}

std::string ModbusServer::answer(int function, const std::string& frame) {
    if (frame.size() < 8) throw RegisterSpace::Refusal{3};
    const auto first = modbus_word_at(frame, 2), second = modbus_word_at(frame, 4);
    if (function == 3) {
        if (second < 1 || second > 125) throw RegisterSpace::Refusal{3};
        std::string body{static_cast<char>(2 * second)};
        for (const auto value : space_.read(first, second))
            body += modbus_word(value);
        return body;
    }
    if (function == 6) {
        space_.write(first, {second});
        return frame.substr(2, 4);
    }
    if (function != 16) throw RegisterSpace::Refusal{1};
    if (second < 1 || second > 123 || frame.size() != 9u + 2u * second) throw RegisterSpace::Refusal{3};
    Registers values;
    for (std::size_t i = 0; i < second; ++i)
        values.push_back(modbus_word_at(frame, 7 + 2 * i));
    space_.write(first, values);
    return frame.substr(2, 4);
}

}  // namespace rig
