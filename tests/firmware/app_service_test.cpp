// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/app_service.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <string>
#include <vector>

#include "firmware/core/app_link.hpp"
#include "tests/firmware/pack_under_test.hpp"

namespace {

/// A last board whose app link has its services.
struct Serviced : bms::PackUnderTest {
    bms::CalibrationKeeper keeper;
    bms::ServiceDesk desk{bms::BoardRole::last, keeper};
    bms::AppService service{desk};
    bms::AppLink link{1};

    Serviced() { link.connect(service); }

    std::string ask(const std::string& command) {
        std::string heard;
        for (const char c : command + "\r")
            if (link.receive(c)) {
                const bms::AppText& answer = link.answer(pack);
                heard.append(answer.characters(), answer.length());
            }
        REQUIRE(heard.size() > command.size() + 2);
        return heard.substr(command.size() + 1, heard.size() - command.size() - 2);
    }
    std::string write(int byte, int address) {
        char line[16];
        std::snprintf(line, sizeof line, "%02X-%03X!", byte, address);
        return ask(line);
    }
    std::string run(int command, const std::vector<int>& argument) {
        int at = 0x100;
        for (const int byte : argument)
            CHECK(write(byte, at++) == "OK");
        return write(command, 0x10F);
    }
};

}  // namespace

TEST_CASE("the app link has the last board's services, behind the PIN and the unlock sequence",
          "[firmware][app][service]") {
    Serviced board;
    CHECK(board.write(0x01, 0x10F) == "NA");
    CHECK(board.ask("Y@") == "NA");
    CHECK(board.ask("Z@") == "NA");
    REQUIRE(board.ask("PW1234!") == "OK");

    CHECK(board.run(0x16, {0xDE, 0xAD, 0xBE, 0xEF}) == "KO");
    CHECK(board.ask("R@").substr(0, 6) == "04_10F");
    CHECK(board.run(0x10, {0x5A, 0xA5, 0xC3, 0x3C, 0x96, 0x69, 0xF0, 0x0F}) == "OK");
    CHECK(board.run(0x16, {0xDE, 0xAD, 0xBE, 0xEF}) == "OK");
    CHECK(board.keeper.value().serial == 0xDEADBEEF);
    CHECK(board.run(0x01, {}) == "OK");
    CHECK(board.ask("Y@").substr(0, 18) == "31_DEAD_BEEF_0300_");  // unlocked, saving; the last board
    CHECK(board.run(0x14, {0x00, 0xC9}) == "KO");
    CHECK(board.ask("R@").substr(0, 6) == "01_10F");
    CHECK(board.run(0x22, {0}) == "KO");
    CHECK(board.ask("R@").substr(0, 6) == "05_10F");
    CHECK(board.write(0, 0x10A) == "KO");
    CHECK(board.ask("R@").substr(0, 6) == "03_10A");
}

TEST_CASE("what a service frame brought to the end of the chain is told over the app link",
          "[firmware][app][service]") {
    Serviced board;
    REQUIRE(board.ask("PW1234!") == "OK");
    bms::ServiceFrame frame;
    frame.hops = 16;
    frame.target = 3;
    frame.request.bytes[0] = 0x77;
    frame.request.bytes[1] = 0x02;
    for (std::uint8_t i = 0; i < bms::ServiceAnswer::size; ++i)
        frame.answer.bytes[i] = static_cast<std::uint8_t>(0xA0 + i);
    board.service.arrived(frame);
    CHECK(board.ask("Z@").substr(0, 47) == "10_03_77_02_A0_A1_A2A3_A4A5_A6A7_A8A9_AAAB_ACAD");
}
