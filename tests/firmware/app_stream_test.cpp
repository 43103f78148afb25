// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/app_stream.hpp"

#include <catch2/catch.hpp>

#include "tests/firmware/phone.hpp"

using bms::Phone;
using bms::seconds;
using bms::Unlocked;
using Catch::Matchers::StartsWith;

namespace {

constexpr const char* nothing = "";

struct Streaming : Unlocked {
    Streaming() { REQUIRE(ask("E!") == "OK"); }

    /// The record of one kind in the next burst, without its CR.
    std::string record(char kind) {
        streamed_message();
        const std::string burst = '\r' + pump();
        const auto at = burst.find(std::string{'\r', kind, '_'});
        return at == std::string::npos ? "none" : burst.substr(at + 1, burst.find('\r', at + 1) - at - 1);
    }
};

}  // namespace

TEST_CASE("the stream needs the PIN", "[firmware][stream]") {
    Phone phone;
    CHECK(phone.ask("E!") == "NA");
    CHECK(phone.ask("D!") == "NA");
    phone.streamed_message();
    CHECK(phone.pump() == nothing);
    REQUIRE(phone.ask("PW1234!") == "OK");
    CHECK(phone.ask("E!") == "OK");
    phone.streamed_message();
    CHECK(phone.pump() != nothing);

    SECTION("and ends with a wrong one") {
        phone.streamed_message();
        CHECK(phone.ask("PW0000!") == "NA");
        CHECK(phone.records() == nothing);
        phone.streamed_message();
        CHECK(phone.pump() == nothing);
    }
    SECTION("but not with the right one") {
        REQUIRE(phone.ask("PW1234!") == "OK");
        phone.streamed_message();
        CHECK(phone.pump() != nothing);
    }
}

TEST_CASE("an image for clients that send no PIN streams without it, and does nothing else",
          "[firmware][stream]") {
    Phone phone;
    phone.link = bms::AppLink{1, false};
    CHECK(phone.ask("D!") == "OK");
    CHECK(phone.ask("E!") == "OK");
    phone.streamed_message();
    CHECK(phone.pump() != nothing);
    CHECK(phone.ask("S1@") == "NA");
    CHECK(phone.ask("01-017!") == "NA");
    CHECK(phone.ask("PW0000!") == "NA");
    phone.streamed_message();
    CHECK(phone.pump() != nothing);

    SECTION("nor while wrong PINs have locked the link") {
        for (int wrong = 0; wrong < 4; ++wrong)
            REQUIRE(phone.ask("PW0000!") == "NA");
        CHECK(phone.ask("E!") == "NA");
    }
}

TEST_CASE("a burst tells of everything once, in fields of fixed width", "[firmware][stream]") {
    Streaming phone;
    phone.cells(3200, 3300);
    phone.temperatures(-10, 40);
    phone.frame.i1 = 21;
    phone.frame.i2 = 400;
    phone.messages(3);
    REQUIRE(phone.set(bms::app_address::clock, 9 << 8 | 41) == bms::Refusal::none);
    phone.streamed_message();
    CHECK(phone.pump() ==
          "U_0A28_+0015_-017B_+0190\r"
          "V_0280_02_0294_03_02A8\r"
          "T_0103_01_013E_04\r"
          "C_01_04_0280_0103_80\r"
          "E_000000_0007CF_000000_31\r"
          "M_000000_000000_09:41\r");
}

TEST_CASE("totals, days and percent are told at their places", "[firmware][stream]") {
    Streaming phone;
    REQUIRE(phone.set(bms::app_address::capacity, 1000) == bms::Refusal::none);
    phone.cells(3400);
    phone.messages(30);
    phone.cells(3300);
    phone.frame.i1 = 2000;
    phone.messages(3 * 3600);
    phone.frame.i1 = -4000;
    phone.messages(2 * 3600);
    REQUIRE(phone.set(bms::app_address::clock, 23 << 8 | 59) == bms::Refusal::none);
    REQUIRE(phone.ask("E!") == "OK");
    // 13.2 V: 100 A for 3 h into a full pack, 200 A for 2 h and a message out of its 100 kWh.
    CHECK(phone.record('E') == "E_000F78_0171FF_0014A0_5E");
    CHECK(phone.record('M') == "M_000003_000005_23:59");
}

TEST_CASE("beyond 327.675 V the pack's voltage has six digits", "[firmware][stream]") {
    Streaming phone;
    phone.frame.sum = 0xFFFF;
    CHECK(phone.record('U') == "U_FFFF_+0000_+0000_X0000");
    phone.frame.sum = 0x010000;
    phone.frame.i1 = -32767;
    phone.frame.i2 = 32767;
    CHECK(phone.record('U') == "U_010000_-7FFF_-FFFE_+7FFF");
}

TEST_CASE("streamed currents are in 50 mA whatever the sensor's type", "[firmware][stream][current]") {
    Streaming phone;
    phone.frame.i1 = 11;
    phone.frame.i2 = -13;
    CHECK(phone.record('U') == "U_0A50_+000B_+0018_-000D");
    REQUIRE(phone.set(bms::app_address::sensor_type, bms::SensorType::turns_2) == bms::Refusal::none);
    CHECK(phone.record('U') == "U_0A50_+0006_+000C_-0007");
    REQUIRE(phone.set(bms::app_address::sensor_type, bms::SensorType::turns_4) == bms::Refusal::none);
    CHECK(phone.record('U') == "U_0A50_+0003_+0006_-0003");
    phone.frame.i1 = -1;
    phone.frame.i2 = bms::ChainFrame::current_absent;
    CHECK(phone.record('U') == "U_0A50_+0000_+0000_X0000");
    phone.frame.i1 = bms::ChainFrame::current_absent;
    CHECK(phone.record('U') == "U_0A50_X0000_X0000_X0000");
}

TEST_CASE("what streams is held until another byte arrives", "[firmware][stream]") {
    Streaming phone;
    CHECK(phone.records() == nothing);
    phone.streamed_message();
    CHECK(phone.records() == nothing);
    const std::string burst = phone.pump();
    CHECK_THAT(burst, StartsWith("U_"));
    CHECK(phone.pump() == nothing);

    SECTION("one that came before is not remembered") {
        phone.streamed_message();
        CHECK(phone.records() == nothing);
    }
    SECTION("whichever byte it is") {
        phone.streamed_message();
        CHECK_THAT(phone.pump("S"), StartsWith("U_"));
    }
    SECTION("and of several bursts only the newest is left") {
        phone.cells(3100);
        phone.streamed_message();
        phone.cells(3200);
        phone.streamed_message();
        const std::string newest = phone.pump();
        CHECK_THAT(newest, StartsWith("U_0A00_"));
        CHECK(newest.size() == burst.size());
    }
}

TEST_CASE("a burst that is still going out begins anew with the next one", "[firmware][stream]") {
    Streaming phone;
    phone.streamed_message();
    const std::string whole = phone.pump();
    phone.streamed_message();
    phone.send("$");
    REQUIRE(phone.link.record(phone.pack) != nullptr);
    phone.streamed_message();
    CHECK(phone.pump().size() == whole.size());
}

TEST_CASE("streaming stops 10 s after the last flush", "[firmware][stream]") {
    Streaming phone;
    const bms::Ticks started = phone.now;
    const auto at = [&](bms::Ticks since) {
        phone.now = started + since;
        phone.link.step(phone.now);
        phone.link.message();
        return phone.pump("\n") != nothing;
    };
    CHECK(at(seconds(10) - 1));
    CHECK_FALSE(at(seconds(10)));
    phone.link.message();
    CHECK(phone.pump() == nothing);

    SECTION("which nothing but a flush or a new beginning puts off") {
        REQUIRE(phone.ask("E!") == "OK");
        const bms::Ticks again = phone.now;
        phone.now = again + seconds(6);
        phone.pump("\n");
        phone.ask("S1@");
        phone.now = again + seconds(8);
        phone.pump("$");
        phone.now = again + seconds(18) - 1;
        phone.link.message();
        CHECK(phone.pump("\n") != nothing);
        phone.now = again + seconds(18);
        phone.link.message();
        CHECK(phone.pump("\n") == nothing);
    }
}

TEST_CASE("D! stops the stream in mid-burst", "[firmware][stream]") {
    Streaming phone;
    phone.streamed_message();
    phone.send("$");
    REQUIRE(phone.link.record(phone.pack) != nullptr);
    CHECK(phone.ask("D!") == "OK");
    CHECK(phone.records() == nothing);
    phone.streamed_message();
    CHECK(phone.pump() == nothing);
}

TEST_CASE("under a communication error no cell is told of", "[firmware][stream]") {
    Streaming phone;
    phone.frame.i1 = 100;
    phone.messages(10);
    REQUIRE(phone.ask("E!") == "OK");
    phone.streamed_message();
    REQUIRE(phone.pump().size() > 100);
    phone.silence(5);
    REQUIRE(phone.pack.communication_error());
    phone.link.message();
    CHECK(phone.pump() == "U_0A50_X0000_X0000_X0000\rE_000000_0007D0_000000_32\rM_000000_000000_00:00\r");

    SECTION("until it is over") {
        for (int good = 0; good < 3; ++good)
            phone.streamed_message();
        CHECK(phone.pump().find("\rV_") != std::string::npos);
    }
}

TEST_CASE("before the first message no cell is told of", "[firmware][stream]") {
    Streaming phone;
    phone.pack.own_cell({});
    phone.link.message();
    CHECK(phone.pump() == "U_0000_X0000_X0000_X0000\rE_000000_0007D0_000000_32\rM_000000_000000_00:00\r");
}

TEST_CASE("every cell is told of in its turn, by whatever client", "[firmware][stream]") {
    Streaming phone;
    phone.messages(4);
    std::string cells;
    const int pass_over = GENERATE(0, 1, 3);
    for (int burst = 0; burst < 5; ++burst) {
        phone.messages(pass_over);
        phone.pump();
        cells += phone.record('C').substr(2, 2) + " ";
    }
    CHECK(cells == "01 02 03 04 01 ");
}

TEST_CASE("a cell that was not heard of yet is passed over", "[firmware][stream]") {
    Streaming phone;
    // Cells 2 and 3 are the extremes of the first message, whose turn is cell 1's.
    CHECK(phone.record('C').substr(0, 7) == "C_01_04");
    CHECK(phone.record('C').substr(0, 7) == "C_02_04");
    phone.messages(3);
    CHECK(phone.record('C').substr(0, 7) == "C_03_04");
}

TEST_CASE("which cells balance is told cell by cell", "[firmware][app]") {
    Unlocked phone;
    CHECK(phone.ask("B@").substr(0, 5) == "00_00");
    phone.messages(4);
    CHECK(phone.ask("B@").substr(0, 10) == "04_00_0000");
    phone.frame.balancing = 2;
    for (int cell = 1; cell <= 4; ++cell) {
        phone.frame.turn_balancing = cell == 1 || cell == 3;
        phone.message();
    }
    CHECK(phone.ask("B@").substr(0, 10) == "04_02_0005");
    phone.frame.balancing = 1;
    phone.frame.turn_balancing = false;
    phone.message();
    CHECK(phone.ask("B@").substr(0, 10) == "04_01_0004");

    SECTION("none does once the chain carries none") {
        phone.frame.balancing = 0;
        phone.message();
        CHECK(phone.ask("B@").substr(0, 10) == "04_00_0000");
    }
    SECTION("and nothing is told under E") {
        phone.silence(10);
        CHECK(phone.ask("B@").substr(0, 5) == "00_00");
        CHECK(phone.ask("B@").size() == 8);
    }
}

TEST_CASE("255 cells that balance fit into one answer", "[firmware][app]") {
    Unlocked phone;
    phone.frame.hops = 255;
    phone.frame.config = 7;
    phone.frame.balancing = 255;
    phone.frame.turn_balancing = true;
    for (int turn = 1; turn <= 255; ++turn) {
        phone.message();
        phone.frame.turn = static_cast<std::uint8_t>(turn);
        ++phone.frame.sequence;
        REQUIRE(phone.pack.message(phone.now, phone.frame));
    }
    std::string expected = "FF_FF";
    for (int word = 0; word < 15; ++word)
        expected += "_FFFF";
    CHECK(phone.ask("B@") == expected + "_7FFF_" + phone.ask("B@").substr(expected.size() + 6));
    CHECK(phone.ask("B@").size() == expected.size() + 5 + 3);
}
