// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/service_frame.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "firmware/core/chain_origin.hpp"
#include "firmware/core/chain_relay.hpp"
#include "firmware/core/service_entry.hpp"

namespace {

using Bytes = std::uint8_t[bms::ServiceFrame::size];

bms::ServiceFrame request_for(int target, int tag, int command) {
    bms::ServiceFrame frame;
    frame.target = static_cast<std::uint8_t>(target);
    frame.request.bytes[0] = static_cast<std::uint8_t>(tag);
    frame.request.bytes[1] = static_cast<std::uint8_t>(command);
    for (std::uint8_t i = 0; i < bms::ServiceRequest::longest_argument; ++i)
        frame.request.bytes[2 + i] = static_cast<std::uint8_t>(0xA0 + i);
    return frame;
}

bms::ServiceAnswer answer_of(int board) {
    bms::ServiceAnswer answer{};
    for (std::uint8_t& byte : answer.bytes)
        byte = static_cast<std::uint8_t>(board);
    return answer;
}

int pass(bms::ChainRelay& board, Bytes& bytes, int damaged_byte = -1) {
    int sent = 0;
    board.begin_frame();
    for (int i = 0; i < bms::ServiceFrame::size; ++i)
        sent += board.receive(bytes[i], i != damaged_byte, bytes[i]);
    return sent;
}

/// A chain without its first board, each with its number for an answer.
struct Chain {
    std::vector<bms::ChainRelay> boards{4};
    Chain() {
        for (int i = 0; i < 4; ++i)
            boards[static_cast<std::size_t>(i)].answer(answer_of(i + 1));
    }
};

bool alike(const std::uint8_t* bytes, int count, int value) {
    return std::all_of(bytes, bytes + count, [=](int byte) { return byte == value; });
}

}  // namespace

TEST_CASE("the service frame on the wire", "[firmware][service]") {
    auto frame = request_for(3, 7, bms::service_command::write_serial);
    frame.hops = 2;
    frame.answer = answer_of(0x55);
    Bytes bytes;
    bms::encode(frame, bytes);
    const std::uint8_t expected[] = {0x4C, 2,    3,    7,    0x16, 0xA0, 0xA1, 0xA2, 0xA3, 0xA4,
                                     0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0x55, 0x55, 0x55, 0x55, 0x55,
                                     0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55};
    CHECK(std::equal(std::begin(expected), std::end(expected), bytes));
    CHECK(bytes[31] == 0);

    bms::ServiceFrame back;
    REQUIRE(bms::decode(bytes, back));
    CHECK(back.hops == 2);
    CHECK(back.target == 3);
    CHECK(back.request == frame.request);
    CHECK(alike(back.answer.bytes, bms::ServiceAnswer::size, 0x55));

    for (int bit = 0; bit < 8 * bms::ServiceFrame::size; ++bit) {
        CAPTURE(bit);
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
        CHECK_FALSE(bms::decode(bytes, back));
        bms::ChainFrame message;
        CHECK_FALSE(bms::decode(bytes, message));
        bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
    }
}

TEST_CASE("only the board that is meant takes a service frame and fills in its answer",
          "[firmware][service]") {
    for (int target = 0; target <= 5; ++target) {
        CAPTURE(target);
        Chain chain;
        Bytes bytes;
        bms::encode(request_for(target, 9, 1), bytes);
        int board = 0;
        for (auto& relay : chain.boards) {
            REQUIRE(pass(relay, bytes) == bms::ServiceFrame::size);
            bms::ServiceRequest request{};
            CHECK(relay.take_request(request) == (++board == target));
            if (board == target) {
                CHECK(request == request_for(target, 9, 1).request);
                CHECK_FALSE(relay.take_request(request));
            }
            CHECK_FALSE(relay.take_arrived());
        }
        bms::ServiceFrame end;
        REQUIRE(bms::decode(bytes, end));
        CHECK(end.hops == 4);
        CHECK(end.request == request_for(target, 9, 1).request);
        CHECK(alike(end.answer.bytes, bms::ServiceAnswer::size, target <= 4 ? target : 0));
    }
}

TEST_CASE("a damaged service frame reaches nobody and stays damaged", "[firmware][service]") {
    for (int at = 0; at < bms::ServiceFrame::size; ++at)
        for (const bool framing : {false, true}) {
            CAPTURE(at, framing);
            Chain chain;
            Bytes bytes;
            bms::encode(request_for(3, 9, 1), bytes);
            pass(chain.boards[0], bytes);
            if (!framing) bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 0x40);
            const int sent = pass(chain.boards[1], bytes, framing ? at : -1);
            CHECK(sent == (at == 0 ? 0 : bms::ServiceFrame::size));
            if (sent == 0) continue;
            pass(chain.boards[2], bytes);
            pass(chain.boards[3], bytes);
            bms::ServiceRequest request;
            for (auto& relay : chain.boards)
                CHECK_FALSE(relay.take_request(request));
            bms::ServiceFrame end;
            CHECK_FALSE(bms::decode(bytes, end));
        }
}

TEST_CASE("a message is a message still, right behind a service frame", "[firmware][service]") {
    Chain chain;
    bms::ChainOrigin origin{0};
    Bytes bytes;
    for (int round = 0; round < 3; ++round) {
        bms::encode(request_for(2, round, 1), bytes);
        for (auto& relay : chain.boards)
            pass(relay, bytes);
        bms::Contribution own;
        own.voltage = 660;
        origin.compose(bms::Announcement{}, 0, 0, own, bytes);
        for (auto& relay : chain.boards) {
            relay.contribute(own);
            pass(relay, bytes);
            CHECK(relay.take_arrived());
        }
        bms::ChainFrame frame;
        REQUIRE(bms::decode(bytes, frame));
        CHECK(frame.hops == 5);
        CHECK((frame.sum == 660 * 5 || round == 0));
    }
}

TEST_CASE("a request that was not fetched is not mixed with the next one", "[firmware][service]") {
    Chain chain;
    Bytes bytes;
    bms::encode(request_for(1, 1, 1), bytes);
    pass(chain.boards[0], bytes);
    bms::encode(request_for(1, 2, 2), bytes);
    chain.boards[0].begin_frame();
    for (int i = 0; i < 10; ++i)
        chain.boards[0].receive(bytes[i], true, bytes[i]);
    bms::ServiceRequest request;
    CHECK_FALSE(chain.boards[0].take_request(request));
}

TEST_CASE("service frames enter the chain in the silence between messages", "[firmware][service]") {
    bms::ChainOrigin origin{0};
    bms::ServiceEntry entry;
    entry.answer(answer_of(0x11));
    Bytes bytes, out;
    bms::encode(request_for(1, 3, 1), bytes);
    bms::Ticks now = 0, message_at = 0, service_at = 0;
    int messages = 0, services = 0;
    constexpr bms::Ticks frame = bms::at_least_ms(34), pause = bms::at_least_ms(20);
    // One is heard at any moment of the period, often several in a row.
    for (; now < bms::seconds(60); ++now) {
        if (origin.due(now, 0)) {
            if (services != 0) CHECK(now - service_at >= frame + pause);
            message_at = now;
            ++messages;
        }
        if (now % 37 == 0) entry.heard(bytes);
        if (entry.step(now, origin, out)) {
            CHECK((messages == 0 || now - message_at >= frame + pause));
            if (services != 0) CHECK(now - service_at >= frame + pause);
            service_at = now;
            ++services;
            bms::ServiceRequest request;
            CHECK(entry.take_request(request));
            bms::ServiceFrame passed;
            REQUIRE(bms::decode(out, passed));
            CHECK(passed.hops == 1);
            CHECK(passed.answer.tag() == 0x11);
        }
        CHECK(bms::reached(entry.due(now, origin, now + 1), now + 1));
    }
    CHECK(messages == 60);
    CHECK(services > 300);

    SECTION("and a damaged one does not enter") {
        while (entry.step(now++, origin, out)) {
        }
        bytes[7] = static_cast<std::uint8_t>(bytes[7] ^ 1);
        entry.heard(bytes);
        for (int i = 0; i < 2000; ++i)
            CHECK_FALSE(entry.step(now++, origin, out));
    }
}
