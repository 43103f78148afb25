// SPDX-License-Identifier: GPL-3.0-or-later
// A hop's relay, whatever comes in; what it sends on; and the pack that decides from it.
#include <algorithm>

#include "firmware/core/chain_relay.hpp"
#include "tests/fuzz/pack_rules.hpp"
#include "tests/fuzz/targets.hpp"

namespace rig::fuzz {

namespace {

using Bytes = std::uint8_t[bms::ChainFrame::size];

/// What the hop must make of a good message, field by field where it works byte by byte.
bms::ChainFrame with(bms::ChainFrame frame, const bms::Contribution& own) {
    if (frame.hops != 0xFF) ++frame.hops;
    const std::uint8_t number = frame.hops;
    frame.calibration_lost = frame.calibration_lost || own.calibration_lost;
    if (own.balancing) ++frame.balancing;
    if (frame.faulty_cell == 0 && own.voltage == 0) frame.faulty_cell = number;
    frame.sum = (frame.sum + own.voltage) & 0xFFFFFF;
    if (own.voltage != 0 && own.voltage < frame.lowest_voltage) {
        frame.lowest_voltage = own.voltage;
        frame.lowest_voltage_cell = number;
    }
    if (own.voltage > frame.highest_voltage) {
        frame.highest_voltage = own.voltage;
        frame.highest_voltage_cell = number;
    }
    if (own.temperature < frame.lowest_temperature) {
        frame.lowest_temperature = own.temperature;
        frame.lowest_temperature_cell = number;
    }
    if (own.temperature > frame.highest_temperature) {
        frame.highest_temperature = own.temperature;
        frame.highest_temperature_cell = number;
    }
    if (frame.turn == number) {
        frame.turn_voltage = own.voltage;
        frame.turn_balancing = own.balancing;
        frame.turn_temperature = own.temperature;
    }
    return frame;
}

bool same(const bms::ChainFrame& a, const bms::ChainFrame& b) {
    Bytes of_a, of_b;
    bms::encode(a, of_a);
    bms::encode(b, of_b);
    return std::equal(std::begin(of_a), std::end(of_a), std::begin(of_b));
}

class Hop {
public:
    void contribute(const bms::Contribution& contribution) {
        relay_.contribute(contribution);
        next_ = contribution;
    }

    void gap() {
        relay_.begin_frame();
        received_ = sent_ = 0;
        intact_ = true;
        begun_ = false;
    }

    /// True when a frame has gone through, good or bad.
    bool receive(std::uint8_t in, bool intact) {
        if (received_ == 0) own_ = next_;
        std::uint8_t out = 0;
        const bool forwards = relay_.receive(in, intact, out);
        if (received_ == 0) begun_ = forwards;
        require(forwards == (begun_ && received_ < bms::ChainFrame::size),
                "a frame is forwarded whole, and no more");
        intact_ = intact_ && intact;
        if (!forwards) {
            received_ = std::min<std::size_t>(received_ + 1, bms::ChainFrame::size);
            return false;
        }
        in_[received_++] = in;
        out_[sent_++] = out;
        return received_ == bms::ChainFrame::size;
    }

    /// Of the frame that has gone through: whether it is a good message, and that it left as it must.
    bool judge(bms::ChainFrame& frame) {
        bms::ChainFrame in{};
        const bool good = intact_ && bms::decode(in_, in);
        bms::ServiceFrame service_in, service_out;
        const bool service = intact_ && bms::decode(in_, service_in);
        require(!(good && service), "a frame is of one kind");
        require(bms::decode(out_, frame) == good, "a message leaves good if it came good, and only then");
        require(bms::decode(out_, service_out) == service, "a service frame leaves good if it came good");
        require(relay_.take_arrived() == good, "a message is told of if it was good");
        if (good) require(same(frame, with(in, own_)), "a good message leaves with the hop's part in it");
        if (good) require(relay_.sequence() == in.sequence, "its sequence number is told");
        if (service) {
            require(service_out.hops == (service_in.hops == 0xFF ? 0xFF : service_in.hops + 1),
                    "hops are counted");
            require(service_out.request == service_in.request, "requests pass unchanged");
        }
        bms::ServiceRequest request;
        const bool mine = service && service_in.target == service_out.hops;
        require(relay_.take_request(request) == mine, "a request is told of by the board that it is for");
        return good;
    }

private:
    bms::ChainRelay relay_;
    bms::Contribution own_, next_;
    Bytes in_{}, out_{};
    std::size_t received_ = 0, sent_ = 0;
    bool intact_ = true, begun_ = false;
};

bms::Contribution ordinary_cell() {
    bms::Contribution own;
    own.voltage = 3300 / 5;
    own.temperature = bms::chain_temperature(bms::temperature_raw(25));
    return own;
}

/// A frame of these bytes with what belongs to its end.
void seal(Bytes& bytes, bool service) {
    bytes[bms::chain_at::start] = service ? bms::ServiceFrame::start_byte : bms::ChainFrame::start_byte;
    const std::uint16_t crc = bms::crc16(bytes, bms::chain_at::crc_msb);
    bytes[bms::chain_at::crc_msb] = static_cast<std::uint8_t>(crc >> 8);
    bytes[bms::chain_at::crc_lsb] = static_cast<std::uint8_t>(crc & 0xFF);
    bytes[bms::chain_at::bad_since] = 0;
}

}  // namespace

void chain(const std::uint8_t* bytes, std::size_t size) {
    enum : std::uint8_t {
        stray,
        broken,
        silence,
        message,
        service,
        damaged,
        contribution,
        running,
        time,
        kinds
    };
    Feed feed(bytes, size);
    Hop hop;
    PackRules rules;
    bms::ChainFrame before_the_hop = ordinary_message();
    --before_the_hop.hops;
    Bytes frame;
    bms::encode(before_the_hop, frame);
    hop.contribute(ordinary_cell());
    const auto receive = [&](std::uint8_t byte, bool intact) {
        if (!hop.receive(byte, intact)) return;
        bms::ChainFrame message{};
        if (hop.judge(message)) rules.message(message);
    };
    const auto send = [&](std::size_t count) {
        hop.gap();
        for (std::size_t i = 0; i < count; ++i)
            receive(frame[i], true);
    };
    hop.gap();
    while (!feed.empty()) {
        const std::uint8_t op = feed.byte(), detail = op / kinds;
        switch (op % kinds) {
            case stray:
                for (int i = 0; i <= detail; ++i)
                    receive(feed.byte(), true);
                break;
            case broken:
                receive(feed.byte(), false);
                break;
            case silence:
                hop.gap();
                break;
            case message:
            case service:
                // As the one before, but for some bytes: how a chain's messages differ.
                frame[bms::chain_at::sequence] =
                    static_cast<std::uint8_t>(frame[bms::chain_at::sequence] + 1);
                for (int i = 0; i <= detail; ++i) {
                    const std::uint8_t at = feed.byte();
                    frame[at % bms::chain_at::crc_msb] = feed.byte();
                }
                seal(frame, op % kinds == service);
                send(sizeof frame);
                break;
            case damaged: {
                const std::uint8_t at = feed.byte() % sizeof frame, was = frame[at];
                frame[at] = feed.byte();
                send(detail == 0 ? sizeof frame : detail);
                frame[at] = was;
                break;
            }
            case contribution: {
                bms::Contribution own;
                own.voltage = feed.word() % 1024;
                own.temperature = feed.byte();
                own.balancing = (detail & 1) != 0;
                own.calibration_lost = (detail & 2) != 0;
                hop.contribute(own);
                break;
            }
            case running:
                for (int i = 0; i <= detail; ++i) {
                    rules.pass(bms::Profile::message_period);
                    ++frame[bms::chain_at::sequence];
                    seal(frame, false);
                    send(sizeof frame);
                }
                break;
            default:
                rules.pass(bms::Ticks{detail} * (bms::ticks_per_second / 4));
        }
    }
}

}  // namespace rig::fuzz
