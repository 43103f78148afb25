// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/chain_relay.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

#include "firmware/core/chain_origin.hpp"

namespace {

using Bytes = std::uint8_t[bms::ChainFrame::size];

bms::Contribution cell(std::uint16_t voltage, std::uint8_t temperature, bool balancing = false) {
    bms::Contribution contribution;
    contribution.voltage = voltage;
    contribution.temperature = temperature;
    contribution.balancing = balancing;
    return contribution;
}

/// Passes a frame through one board, byte by byte, in place. Counts what the board sends.
int pass(bms::ChainRelay& board, Bytes& bytes, int damaged_byte = -1) {
    int sent = 0;
    board.begin_frame();
    for (int i = 0; i < bms::ChainFrame::size; ++i)
        sent += board.receive(bytes[i], i != damaged_byte, bytes[i]);
    return sent;
}

void start(bms::ChainOrigin& origin, const bms::Contribution& first, Bytes& bytes) {
    origin.compose(bms::announcement(bms::Gen3Switches{0x50}), 100, bms::ChainFrame::current_absent, first,
                   bytes);
}

bms::ChainFrame through(const std::vector<bms::Contribution>& cells, int messages = 1) {
    bms::ChainOrigin origin{0};
    std::vector<bms::ChainRelay> boards(cells.size() - 1);
    Bytes bytes;
    for (; messages > 0; --messages) {
        start(origin, cells[0], bytes);
        for (std::size_t i = 0; i < boards.size(); ++i) {
            boards[i].contribute(cells[i + 1]);
            REQUIRE(pass(boards[i], bytes) == bms::ChainFrame::size);
        }
    }
    bms::ChainFrame frame{};
    REQUIRE(bms::decode(bytes, frame));
    return frame;
}

}  // namespace

TEST_CASE("every board adds its cell to the message", "[firmware][chain]") {
    const auto frame = through({cell(660, 100), cell(700, 90, true), cell(640, 120), cell(660, 100)});
    CHECK(frame.hops == 4);
    CHECK(frame.config == 2);
    CHECK(frame.balance_voltage == 680);
    CHECK(frame.i1 == 100);
    CHECK(frame.i2 == bms::ChainFrame::current_absent);
    CHECK(frame.sum == 660 + 700 + 640 + 660);
    CHECK(frame.lowest_voltage == 640);
    CHECK(frame.lowest_voltage_cell == 3);
    CHECK(frame.highest_voltage == 700);
    CHECK(frame.highest_voltage_cell == 2);
    CHECK(frame.lowest_temperature == 90);
    CHECK(frame.lowest_temperature_cell == 2);
    CHECK(frame.highest_temperature == 120);
    CHECK(frame.highest_temperature_cell == 3);
    CHECK(frame.balancing == 1);
    CHECK(frame.faulty_cell == 0);
}

TEST_CASE("the cell in turn reports its own values", "[firmware][chain]") {
    const std::vector<bms::Contribution> cells = {cell(660, 100), cell(700, 90, true), cell(640, 120)};
    for (int turn = 1; turn <= 3; ++turn) {
        const auto frame = through(cells, turn);
        const auto& own = cells[static_cast<std::size_t>(turn - 1)];
        CHECK(frame.turn == turn);
        CHECK(frame.turn_voltage == own.voltage);
        CHECK(frame.turn_temperature == own.temperature);
        CHECK(frame.turn_balancing == own.balancing);
    }
    SECTION("and nobody does in the turn of a cell that is not there") {
        CHECK(through(cells, 4).turn_voltage == 0);
    }
}

TEST_CASE("turns go round the configured range", "[firmware][chain]") {
    bms::ChainOrigin origin{0};
    Bytes bytes;
    std::vector<int> turns;
    for (int i = 0; i < 9; ++i) {
        origin.compose(bms::announcement(bms::Gen3Switches{0x20}), 0, 0, cell(660, 100), bytes);
        turns.push_back(bytes[bms::chain_at::turn]);
    }
    CHECK(turns == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 1});
}

TEST_CASE("extremes are found whatever the order of the cells", "[firmware][chain]") {
    std::mt19937 random{7};
    for (int round = 0; round < 200; ++round) {
        std::vector<bms::Contribution> cells;
        for (int i = 0; i < 20; ++i)
            cells.push_back(cell(static_cast<std::uint16_t>(250 + random() % 520),
                                 static_cast<std::uint8_t>(20 + random() % 200)));
        std::uint32_t sum = 0;
        std::size_t low = 0, high = 0, cold = 0, hot = 0;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            sum += cells[i].voltage;
            if (cells[i].voltage < cells[low].voltage) low = i;
            if (cells[i].voltage > cells[high].voltage) high = i;
            if (cells[i].temperature < cells[cold].temperature) cold = i;
            if (cells[i].temperature > cells[hot].temperature) hot = i;
        }
        const auto frame = through(cells);
        CHECK(frame.sum == sum);
        CHECK(frame.lowest_voltage == cells[low].voltage);
        CHECK(frame.lowest_voltage_cell == low + 1);
        CHECK(frame.highest_voltage == cells[high].voltage);
        CHECK(frame.highest_voltage_cell == high + 1);
        CHECK(frame.lowest_temperature == cells[cold].temperature);
        CHECK(frame.lowest_temperature_cell == cold + 1);
        CHECK(frame.highest_temperature == cells[hot].temperature);
        CHECK(frame.highest_temperature_cell == hot + 1);
    }
}

TEST_CASE("255 cells at their highest do not overflow the sum", "[firmware][chain]") {
    const auto frame = through(std::vector<bms::Contribution>(255, cell(1022, 100)));
    CHECK(frame.hops == 255);
    CHECK(frame.sum == 255u * 1022u);
}

TEST_CASE("a cell without a plausible voltage is named and stays out of the extremes", "[firmware][chain]") {
    const auto frame = through({cell(660, 100), cell(0, 100), cell(0, 100), cell(650, 100)});
    CHECK(frame.faulty_cell == 2);
    CHECK(frame.lowest_voltage == 650);
    CHECK(frame.sum == 1310);
}

TEST_CASE("a frame damaged before a board stays damaged behind it and says where", "[firmware][chain]") {
    for (int index = 1; index < bms::ChainFrame::size; ++index) {
        CAPTURE(index);
        bms::ChainOrigin origin{0};
        bms::ChainRelay second, third;
        Bytes bytes;
        for (int good = 0; good < 2; ++good) {
            start(origin, cell(660, 100), bytes);
            second.contribute(cell(661, 100));
            third.contribute(cell(662, 100));
            pass(second, bytes);
            pass(third, bytes);
            second.take_arrived();
            third.take_arrived();
        }
        start(origin, cell(660, 100), bytes);
        bytes[index] ^= 0x04;
        pass(second, bytes);
        pass(third, bytes);
        CHECK_FALSE(second.take_arrived());
        CHECK_FALSE(third.take_arrived());
        bms::ChainFrame frame{};
        CHECK_FALSE(bms::decode(bytes, frame));
        const int mark = bytes[bms::chain_at::bad_since];
        CHECK(mark == (index == bms::chain_at::bad_since ? 4 : 2));
    }
}

TEST_CASE("a byte that the receiver calls damaged spoils the frame even if it is right",
          "[firmware][chain]") {
    for (int index = 1; index < bms::ChainFrame::size; ++index) {
        CAPTURE(index);
        bms::ChainOrigin origin{0};
        bms::ChainRelay second;
        second.contribute(cell(661, 100));
        Bytes bytes;
        start(origin, cell(660, 100), bytes);
        pass(second, bytes, index);
        CHECK_FALSE(second.take_arrived());
        bms::ChainFrame frame{};
        CHECK_FALSE(bms::decode(bytes, frame));
    }
}

TEST_CASE("noise is not taken for a frame, and a frame that stops is not continued", "[firmware][chain]") {
    bms::ChainOrigin origin{0};
    bms::ChainRelay board;
    std::uint8_t out = 0;
    CHECK_FALSE(board.receive(bms::ChainFrame::start_byte, true, out));  // no silence before it

    board.begin_frame();
    CHECK_FALSE(board.receive(0x55, true, out));
    CHECK_FALSE(board.receive(bms::ChainFrame::start_byte, true, out));

    Bytes bytes;
    start(origin, cell(660, 100), bytes);
    board.begin_frame();
    for (int i = 0; i < 10; ++i)
        CHECK(board.receive(bytes[i], true, out));
    board.begin_frame();
    for (int i = 10; i < bms::ChainFrame::size; ++i)
        CHECK_FALSE(board.receive(bytes[i], true, out));
    CHECK_FALSE(board.take_arrived());
}

TEST_CASE("a good frame tells its board the sequence and the balance voltage, once", "[firmware][chain]") {
    bms::ChainOrigin origin{0};
    bms::ChainRelay board;
    Bytes bytes;
    start(origin, cell(660, 100), bytes);
    pass(board, bytes);
    REQUIRE(board.take_arrived());
    CHECK(board.sequence() == 1);
    CHECK(board.balance_voltage() == 680);
    CHECK_FALSE(board.take_arrived());
}

TEST_CASE("a contribution that changes while a frame passes waits for the next", "[firmware][chain]") {
    bms::ChainOrigin origin{0};
    bms::ChainRelay board;
    board.contribute(cell(600, 100));
    Bytes bytes;
    start(origin, cell(660, 100), bytes);
    board.begin_frame();
    for (int i = 0; i < bms::ChainFrame::size; ++i) {
        board.receive(bytes[i], true, bytes[i]);
        if (i == 14) board.contribute(cell(700, 100));
    }
    bms::ChainFrame frame{};
    REQUIRE(bms::decode(bytes, frame));
    CHECK(frame.sum == 1260);
    CHECK(frame.lowest_voltage == 600);
    CHECK(frame.highest_voltage == 660);
}
