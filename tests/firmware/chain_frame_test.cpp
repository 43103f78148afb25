// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/chain_frame.hpp"

#include <catch2/catch.hpp>

#include "firmware/core/crc16.hpp"

namespace {

using Bytes = std::uint8_t[bms::ChainFrame::size];

bms::ChainFrame sample() {
    bms::ChainFrame frame{};
    frame.sequence = 7;
    frame.hops = 4;
    frame.turn = 3;
    frame.config = 2;
    frame.balance_voltage = 680;
    frame.i1 = 440;
    frame.i2 = bms::ChainFrame::current_absent;
    frame.balancing = 1;
    frame.faulty_cell = 0;
    frame.sum = 0x012345;
    frame.lowest_voltage = 655;
    frame.lowest_voltage_cell = 2;
    frame.highest_voltage = 682;
    frame.highest_voltage_cell = 4;
    frame.lowest_temperature = 98;
    frame.lowest_temperature_cell = 1;
    frame.highest_temperature = 120;
    frame.highest_temperature_cell = 4;
    frame.turn_voltage = 660;
    frame.turn_balancing = true;
    frame.turn_temperature = 100;
    return frame;
}

}  // namespace

TEST_CASE("the CRC is the one that catalogues call CRC-16/MCRF4XX", "[firmware][chain]") {
    const std::uint8_t check[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
    CHECK(bms::crc16(check, sizeof check) == 0x6F91);
}

TEST_CASE("a chain frame keeps every field on its way", "[firmware][chain]") {
    Bytes bytes;
    bms::encode(sample(), bytes);
    bms::ChainFrame frame{};
    REQUIRE(bms::decode(bytes, frame));
    CHECK(frame.sequence == 7);
    CHECK(frame.hops == 4);
    CHECK(frame.turn == 3);
    CHECK(frame.config == 2);
    CHECK(frame.balance_voltage == 680);
    CHECK(frame.i1 == 440);
    CHECK(frame.i2 == bms::ChainFrame::current_absent);
    CHECK(frame.balancing == 1);
    CHECK(frame.sum == 0x012345);
    CHECK(frame.lowest_voltage == 655);
    CHECK(frame.lowest_voltage_cell == 2);
    CHECK(frame.highest_voltage == 682);
    CHECK(frame.highest_voltage_cell == 4);
    CHECK(frame.lowest_temperature == 98);
    CHECK(frame.highest_temperature == 120);
    CHECK(frame.turn_voltage == 660);
    CHECK(frame.turn_balancing);
    CHECK(frame.turn_temperature == 100);
}

TEST_CASE("any single flipped bit makes a chain frame invalid", "[firmware][chain]") {
    Bytes bytes;
    bms::encode(sample(), bytes);
    for (auto& byte : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            byte = static_cast<std::uint8_t>(byte ^ (1 << bit));
            bms::ChainFrame frame{};
            CHECK_FALSE(bms::decode(bytes, frame));
            byte = static_cast<std::uint8_t>(byte ^ (1 << bit));
        }
}

TEST_CASE("a chain frame's temperature covers the sensor's whole range", "[firmware][chain]") {
    CHECK(bms::raw_temperature(bms::chain_temperature(213)) == 213);
    CHECK(bms::raw_temperature(bms::chain_temperature(451)) == 451);
    CHECK(bms::chain_temperature(0) == 0);
    CHECK(bms::chain_temperature(1023) == 255);
}

TEST_CASE("readings that no cell can have are not voltages", "[firmware][chain]") {
    CHECK_FALSE(bms::plausible_voltage(1023));
    CHECK_FALSE(bms::plausible_voltage(99));
    CHECK(bms::plausible_voltage(1022));
    CHECK(bms::plausible_voltage(100));
}
