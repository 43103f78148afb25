// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/cell_node.hpp"

#include <catch2/catch.hpp>

namespace {

constexpr bms::Ticks second = bms::ticks_per_second;

/// A board with its cell, stepped only when it asks to be, as the main loop does.
struct Board {
    bms::Ticks now = 500;
    bms::CellNode node{now};
    int voltage_counts = 660;
    int readings = 0;
    bms::Ticks bypass_off_at = 0;
    bms::Ticks read_at = 0;

    void run_until(bms::Ticks end) {
        while (!bms::reached(now, end)) {
            if (node.step(now)) {
                CHECK_FALSE(node.bypass());
                bms::CellSamples samples;
                samples.voltage = static_cast<std::uint16_t>(voltage_counts * 16);
                samples.temperature = 375 * 4;
                read_at = now;
                now += 5;
                node.sampled(now, samples, {});
                ++readings;
            }
            const bool conducted = node.bypass();
            bms::Ticks next = node.due();
            if (bms::reached(now, next)) next = now;
            now = bms::earlier(next, end);
            if (now == next && conducted) bypass_off_at = now;
        }
    }

    void messages(int count, std::uint16_t balance) {
        for (int i = 0; i < count; ++i) {
            node.message(now, balance);
            run_until(now + second);
        }
    }
};

}  // namespace

TEST_CASE("a board reads its cell at once and then just before each message", "[firmware][cell]") {
    Board board;
    board.run_until(board.now + 100);
    CHECK(board.readings == 1);
    board.messages(3, 680);
    CHECK(board.readings == 4);
    const auto before_message = board.now - board.read_at;
    CHECK(before_message <= second / 5);
}

TEST_CASE("a board without messages goes on reading its cell", "[firmware][cell]") {
    Board board;
    board.run_until(board.now + 10 * second);
    CHECK(board.readings >= 9);
}

TEST_CASE("the bypass rests at least 10 ms before the cell is read", "[firmware][cell]") {
    Board board;
    board.voltage_counts = 700;
    board.messages(3, 680);
    REQUIRE(board.node.bypass());
    board.node.message(board.now, 680);
    board.run_until(board.now + second - 1);
    CHECK(board.read_at - board.bypass_off_at >= 18);
    CHECK(board.node.bypass());
}

TEST_CASE("balancing needs a message first, and ends 10 s after the last", "[firmware][cell]") {
    Board board;
    board.voltage_counts = 700;
    board.run_until(board.now + 5 * second);
    CHECK_FALSE(board.node.bypass());

    board.messages(3, 680);
    REQUIRE(board.node.bypass());
    board.node.message(board.now, 680);
    const auto last = board.now;
    board.run_until(last + 10 * second - 50);
    CHECK((board.node.bypass() || board.node.lit()));
    board.run_until(last + 10 * second + 2);
    CHECK_FALSE(board.node.bypass());
    CHECK_FALSE(board.node.lit());
}

TEST_CASE("the LED flashes per message and is on while the board balances", "[firmware][led]") {
    Board board;
    board.run_until(board.now + second);
    CHECK_FALSE(board.node.lit());
    board.node.message(board.now, 680);
    CHECK(board.node.lit());
    board.run_until(board.now + second / 10);
    CHECK_FALSE(board.node.lit());

    board.voltage_counts = 700;
    board.messages(3, 680);
    for (int i = 0; i < 100; ++i) {
        board.run_until(board.now + 10);
        CHECK(board.node.lit());
    }
}

TEST_CASE("a cell with a loose lead is not balanced", "[firmware][cell]") {
    Board board;
    board.voltage_counts = 1023;
    board.messages(3, 680);
    CHECK_FALSE(board.node.bypass());
    CHECK(board.node.contribution().voltage == 0);
}
