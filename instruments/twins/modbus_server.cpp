// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/modbus_server.hpp"

#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds instrument_time{4'000'000};  ///< from a request's end to its answer's beginning
constexpr Nanoseconds frame_gap{20'000'000};       ///< silence after which half a frame is none
constexpr int read_holding = 3, write_single = 6, write_multiple = 16;
constexpr int most_read = 125, most_written = 123;

int byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

std::uint16_t word_at(std::string_view bytes, std::size_t index) {
    return static_cast<std::uint16_t>(byte_at(bytes, index) << 8 | byte_at(bytes, index + 1));
}

void add_word(std::string& bytes, int word) {
    bytes += static_cast<char>(word >> 8);
    bytes += static_cast<char>(word);
}

/// How long a request is by what it begins with; 0: that cannot be told yet.
std::size_t length_of(std::string_view request) {
    if (request.size() < 2) return 0;
    if (byte_at(request, 1) != write_multiple) return 8;
    return request.size() < 7 ? 0 : 9 + static_cast<std::size_t>(byte_at(request, 6));
}

/// What stands between address and check of the answer.
std::string answer_to(std::string_view request, RegisterSpace& space) {
    const int function = byte_at(request, 1);
    const auto first = word_at(request, 2);
    const int count = word_at(request, 4);
    std::string answer(1, static_cast<char>(function));
    if (function == read_holding) {
        if (count < 1 || count > most_read) throw RegisterSpace::Refusal{3};
        const Registers registers = space.read(first, count);
        answer += static_cast<char>(2 * count);
        for (const auto value : registers)
            add_word(answer, value);
        return answer;
    }
    if (function == write_single) {
        space.write(first, {word_at(request, 4)});
    } else if (function == write_multiple) {
        if (count < 1 || count > most_written || byte_at(request, 6) != 2 * count)
            throw RegisterSpace::Refusal{3};
        Registers values;
        for (int i = 0; i < count; ++i)
            values.push_back(word_at(request, static_cast<std::size_t>(7 + 2 * i)));
        space.write(first, values);
    } else {
        throw RegisterSpace::Refusal{1};
    }
    return answer + std::string(request.substr(2, 4));
}

}  // namespace

struct ModbusServer::State : std::enable_shared_from_this<ModbusServer::State> {
    State(Clock& its_clock, std::unique_ptr<ByteLink> its_line, std::shared_ptr<RegisterSpace> its_space,
          int its_unit)
        : clock(its_clock), line(std::move(its_line)), space(std::move(its_space)), unit(its_unit) {}

    Clock& clock;
    std::unique_ptr<ByteLink> line;
    std::shared_ptr<RegisterSpace> space;
    int unit;
    std::string heard;
    Nanoseconds last_byte{};

    void hear(std::string_view bytes) {
        if (clock.now() - last_byte > frame_gap) heard.clear();
        last_byte = clock.now();
        heard += bytes;
        const auto length = length_of(heard);
        if (length == 0 || heard.size() < length) return;
        const auto request = std::exchange(heard, {}).substr(0, length);
        const auto check = modbus_crc(std::string_view(request).substr(0, length - 2));
        if (byte_at(request, length - 2) != (check & 0xFF) || byte_at(request, length - 1) != check >> 8)
            return;
        if (byte_at(request, 0) == unit) answer(request);
    }

    void answer(const std::string& request) {
        std::string frame(1, static_cast<char>(unit));
        try {
            frame += answer_to(request, *space);
        } catch (const RegisterSpace::Refusal& refusal) {
            frame += static_cast<char>(request[1] | 0x80);
            frame += static_cast<char>(refusal.code);
        }
        const auto check = modbus_crc(frame);
        frame += static_cast<char>(check);
        frame += static_cast<char>(check >> 8);
        clock.at(clock.now() + instrument_time, [weak = weak_from_this(), frame] {
            if (const auto state = weak.lock()) state->line->send(frame);
        });
    }
};

ModbusServer::ModbusServer(Clock& clock, std::unique_ptr<ByteLink> line, std::shared_ptr<RegisterSpace> space,
                           int unit)
    : state_(std::make_shared<State>(clock, std::move(line), std::move(space), unit)) {
    state_->line->on_receive([state = state_.get()](std::string_view bytes) { state->hear(bytes); });
}

ModbusServer::~ModbusServer() {
    state_->line->on_receive(nullptr);
}

std::uint16_t modbus_crc(std::string_view frame) {
    std::uint16_t crc = 0xFFFF;
    for (const char byte : frame) {
        crc = static_cast<std::uint16_t>(crc ^ static_cast<unsigned char>(byte));
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<std::uint16_t>(crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1);
    }
    return crc;
}

}  // namespace rig
