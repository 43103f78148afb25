// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/ext_frame.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>

namespace {

using Bytes = std::uint8_t[bms::ExtFrame::size];

void bytes_of(const std::string& hex, Bytes& bytes) {
    REQUIRE(hex.size() == 2 * bms::ExtFrame::size);
    for (std::size_t i = 0; i < bms::ExtFrame::size; ++i)
        bytes[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
}

struct Golden {
    const char* name;
    const char* hex;
};

constexpr Golden golden[] = {
    {"every field carries the published table's example",
     "0105ff2b01002b01002b010002303202303201143201283232ff023001280300006400f22100006432640000640000196400a00"
     "24402e402"
     "bc5e"},
    {"16 cells charging at 22 A",
     "0029cc2b00b02b00002b00b0029c03029e0c012605012a090710029d0127030010680023be0007083d0005f3000579196200960"
     "23002da02"
     "b252"},
    {"the smallest pack",
     "0005292b00012b00002b0001029401029502012c01012c0102020295012c03000000000001000000010000000000001a6300010"
     "24402e402"
     "a85e"},
    {"16 cells discharging",
     "0028002d002c2b02f82d0324027f100281010115100119081010027f011503000000000c800032001400000a00000b1c9e00a00"
     "24402e402"
     "a828"},
    {"a pack whose charge is not calibrated",
     "0033902b00102b00082b000802940402980201280401290203040295012883000000000a00000000320000000000001f3300500"
     "24402e402"
     "a8f1"},
};

}  // namespace

TEST_CASE("published frames decode and encode to the same bytes", "[firmware][ext]") {
    for (const auto& example : golden) {
        CAPTURE(example.name);
        Bytes bytes, again;
        bytes_of(example.hex, bytes);
        bms::ExtFrame frame{};
        REQUIRE(bms::decode(bytes, frame));
        bms::encode(frame, again);
        CHECK(std::equal(std::begin(bytes), std::end(bytes), std::begin(again)));
    }
}

TEST_CASE("a published frame's fields are where readers look for them", "[firmware][ext]") {
    Bytes bytes;
    bytes_of(golden[3].hex, bytes);
    bms::ExtFrame frame{};
    REQUIRE(bms::decode(bytes, frame));
    CHECK(frame.pack_voltage * 5 == 51200);
    CHECK(frame.i1.sign == '-');
    CHECK(frame.i1.magnitude == 44);
    CHECK(frame.i2.sign == '+');
    CHECK(frame.i2.magnitude == 760);
    CHECK(frame.battery.sign == '-');
    CHECK(frame.battery.magnitude == 804);
    CHECK(frame.lowest_voltage * 5 == 3195);
    CHECK(frame.lowest_voltage_cell == 16);
    CHECK(frame.highest_voltage * 5 == 3205);
    CHECK(frame.highest_voltage_cell == 1);
    CHECK(frame.lowest_temperature == 277);
    CHECK(frame.highest_temperature_cell == 8);
    CHECK(frame.cell == 16);
    CHECK(frame.count == 16);
    CHECK(frame.status == 3);
    CHECK(frame.stored_wh == 3200);
    CHECK(frame.consumed_today_wh == 12800);
    CHECK(frame.soc_percent == 20);
    CHECK(frame.collected_total_kwh == 10);
    CHECK(frame.consumed_total_kwh == 11);
    CHECK(frame.key_byte == 28);
    CHECK(frame.value == 158);
    CHECK(frame.capacity_100wh == 160);
    CHECK(frame.v_min * 5 == 2900);
    CHECK(frame.v_max * 5 == 3700);
    CHECK(frame.balance_voltage * 5 == 3400);
}

TEST_CASE("a frame with any one byte changed is refused", "[firmware][ext]") {
    Bytes bytes;
    bytes_of(golden[1].hex, bytes);
    for (auto& byte : bytes) {
        const auto was = byte;
        byte = static_cast<std::uint8_t>(was + 1);
        bms::ExtFrame frame{};
        CHECK_FALSE(bms::decode(bytes, frame));
        byte = was;
    }
}

TEST_CASE("totals beyond 24 bits stay at the largest value", "[firmware][ext]") {
    bms::ExtFrame frame{};
    frame.collected_total_kwh = 0x1000000;
    Bytes bytes;
    bms::encode(frame, bytes);
    bms::ExtFrame back{};
    REQUIRE(bms::decode(bytes, back));
    CHECK(back.collected_total_kwh == 0xFFFFFF);
}
