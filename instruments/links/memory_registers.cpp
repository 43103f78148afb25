// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/memory_registers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds answer_within{500'000'000};
constexpr Nanoseconds instrument_time{4'000'000};  ///< from a request's end to its answer's beginning
constexpr int frame_gap_bytes = 4;                 ///< 3.5 characters of silence, in whole ones

constexpr int read_request_bytes = 8, read_answer_bytes = 5;  ///< the answer: and two a register
constexpr int write_single_bytes = 8;                         ///< either way
constexpr int write_many_bytes = 9, write_many_answer_bytes = 8;

const char* words(int code) {
    switch (code) {
        case 1:
            return "illegal function";
        case 2:
            return "illegal data address";
        case 3:
            return "illegal data value";
        default:
            return "device failure";
    }
}

/// A request on its way, or its answer.
struct Request {
    Nanoseconds made_at{};
    bool answered = false;
    Registers read;
    std::string refused;
};

class MemoryRegisters : public RegisterLink {
public:
    MemoryRegisters(Clock& clock, const Wire& wire, std::weak_ptr<RegisterSpace> space, std::string name)
        : clock_(clock), wire_(wire), space_(std::move(space)), name_(std::move(name)) {}

    Reply<Registers> read_holding(std::uint16_t first, int count) override {
        const auto request = carry(read_request_bytes, read_answer_bytes + 2 * count,
                                   [first, count](RegisterSpace& space) { return space.read(first, count); });
        return Reply<Registers>([this, request, first] { return collect(*request, first); });
    }

    Reply<void> write_single(std::uint16_t address, std::uint16_t value) override {
        return write(address, {value}, write_single_bytes, write_single_bytes);
    }

    Reply<void> write_multiple(std::uint16_t first, const Registers& values) override {
        return write(first, values, write_many_bytes + 2 * static_cast<int>(values.size()),
                     write_many_answer_bytes);
    }

    std::string name() const override { return name_; }
    int unit() const override { return 1; }
    Nanoseconds frame_silence() const override { return frame_gap_bytes * wire_.byte_time; }

private:
    Reply<void> write(std::uint16_t first, const Registers& values, int bytes, int answer_bytes) {
        const auto request = carry(bytes, answer_bytes, [first, values](RegisterSpace& space) {
            space.write(first, values);
            return Registers{};
        });
        return Reply<void>([this, request, first] { collect(*request, first); });
    }

    std::shared_ptr<Request> carry(int bytes, int answer_bytes,
                                   std::function<Registers(RegisterSpace&)> act) {
        auto request = std::make_shared<Request>();
        request->made_at = std::max(clock_.now(), busy_until_);
        const auto arrives = request->made_at + (bytes + frame_gap_bytes) * wire_.byte_time + wire_.latency;
        const auto answers = arrives + instrument_time + answer_bytes * wire_.byte_time + wire_.latency;
        busy_until_ = answers + frame_gap_bytes * wire_.byte_time;
        clock_.at(arrives, [this_clock = &clock_, space = space_, request, act = std::move(act), answers] {
            const auto instrument = space.lock();
            if (!instrument) return;
            try {
                request->read = act(*instrument);
            } catch (const RegisterSpace::Refusal& refusal) {
                request->refused = words(refusal.code);
            }
            this_clock->at(answers, [request] { request->answered = true; });
        });
        return request;
    }

    Registers collect(Request& request, std::uint16_t first) {
        if (!clock_.run_until([&] { return request.answered; }, request.made_at + answer_within))
            throw RegisterError(fmt::format("holding register {}: no answer within {} ms", first,
                                            answer_within.count() / 1'000'000));
        if (!request.refused.empty())
            throw RegisterError(fmt::format("holding register {}: refused, {}", first, request.refused));
        return std::move(request.read);
    }

    Clock& clock_;
    Wire wire_;
    std::weak_ptr<RegisterSpace> space_;
    std::string name_;
    Nanoseconds busy_until_{};
};

}  // namespace

std::unique_ptr<RegisterLink> memory_registers(Clock& clock, const Wire& wire,
                                               std::weak_ptr<RegisterSpace> space, const std::string& name) {
    return std::make_unique<MemoryRegisters>(clock, wire, std::move(space), name);
}

}  // namespace rig
