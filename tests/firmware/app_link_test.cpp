// SPDX-License-Identifier: GPL-3.0-or-later
#include "firmware/core/app_link.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "tests/firmware/phone.hpp"

using bms::Phone;
using bms::Unlocked;

TEST_CASE("nothing is read or written without the PIN", "[firmware][app]") {
    Phone phone;
    for (const char* command : {"V@", "S1@", "S2@", "S3@", "R@", "02-050!", "hello"}) {
        CAPTURE(command);
        CHECK(phone.ask(command) == "NA");
    }
    CHECK(phone.ask("PW1235!") == "NA");
    CHECK(phone.ask("S1@") == "NA");
    CHECK(phone.ask("PW1234!") == "OK");
    CHECK(phone.ask("S1@") != "NA");

    SECTION("and a wrong PIN locks again") {
        CHECK(phone.ask("PW0000!") == "NA");
        CHECK(phone.ask("S1@") == "NA");
    }
}

TEST_CASE("a PIN is four digits and nothing else", "[firmware][app]") {
    Phone phone;
    for (const char* command : {"PW!", "PW123!", "PW12345!", "PW1234", "PW1234!!", "PW 1234!", "PW12E4!"}) {
        CAPTURE(command);
        CHECK(phone.ask(command) == "NA");
    }
}

TEST_CASE("settings are told in the order of the protocol, with their checksum", "[firmware][app]") {
    Unlocked phone;
    CHECK(phone.ask("S1@") == "0000_0000_0028_XXXXXXXX_0A");
    CHECK(phone.ask("S2@") == "0244_02E4_010F_016C_5F_05_00F8_0258_0294_00_00_72");
    CHECK(phone.ask("S3@") == "02_00_00_00_01_00_43");
}

TEST_CASE("the version's answer carries status, balance voltage and the cause of the last reset",
          "[firmware][app]") {
    Unlocked phone;
    phone.messages(1);
    const std::string answer = phone.ask("V@");
    CHECK(answer.substr(0, 18) == "0001_01_00_80_02A8");
}

TEST_CASE("a byte is written at once, a word with its second byte", "[firmware][app]") {
    Unlocked phone;
    CHECK(phone.ask("5A-080!") == "OK");
    CHECK(phone.pack.settings().charge_restart == 90);
    CHECK(phone.ask("02-050!") == "OK");
    CHECK(phone.pack.settings().v_max == 740);
    CHECK(phone.ask("d0-051!") == "OK");
    CHECK(phone.pack.settings().v_max == 0x02D0);
    CHECK(phone.pack.take_changed());
}

TEST_CASE("a refused write says why and changes nothing", "[firmware][app]") {
    Unlocked phone;
    phone.messages(1);
    CHECK(phone.ask("R@").substr(0, 6) == "00_000");
    CHECK(phone.ask("02-050!") == "OK");
    CHECK(phone.ask("A8-051!") == "KO");
    CHECK(phone.pack.settings().v_max == 740);
    CHECK(phone.ask("R@").substr(0, 6) == "02_050");
    CHECK(phone.ask("65-080!") == "KO");
    CHECK(phone.ask("R@").substr(0, 6) == "01_080");
    CHECK(phone.ask("00-0FF!") == "KO");
    CHECK(phone.ask("R@").substr(0, 6) == "03_0FF");
    CHECK_FALSE(phone.pack.take_changed());
}

TEST_CASE("half a word takes effect neither alone nor with another's", "[firmware][app]") {
    Unlocked phone;
    CHECK(phone.ask("D0-051!") == "KO");
    CHECK(phone.ask("02-050!") == "OK");
    CHECK(phone.ask("44-041!") == "KO");
    CHECK(phone.ask("D0-051!") == "KO");
    CHECK(phone.ask("02-050!") == "OK");
    CHECK(phone.ask("5A-080!") == "OK");
    CHECK(phone.pack.settings().charge_restart == 90);
    CHECK(phone.pack.settings().v_max == 740);
    CHECK(phone.pack.settings().v_min == 580);
}

TEST_CASE("what is no command is refused", "[firmware][app]") {
    Unlocked phone;
    for (const char* command : {"X", "S4@", "S2", "S2@@", "GG-080!", "5A_080!", "5A-080", "5A-!", "5A-10080!",
                                "0123456789012345678"}) {
        CAPTURE(command);
        CHECK(phone.ask(command) == "KO");
    }
    CHECK(phone.pack.settings().charge_restart == 95);
}

TEST_CASE("a command with a zero behind it is no command", "[firmware][app]") {
    Unlocked phone;
    CHECK(phone.ask(std::string("S2@\0", 4)) == "KO");
    CHECK(phone.ask(std::string("S2@\0\0", 5)) == "KO");
}

TEST_CASE("a line that is too long does nothing, whatever it begins with", "[firmware][app]") {
    Unlocked phone;
    const auto heard = phone.send("S1@" + std::string(300, ' ') + "\r");
    CHECK(heard.find("KO") != std::string::npos);
    CHECK(phone.ask("S1@").substr(0, 4) == "0000");
}

TEST_CASE("a flush is neither echoed nor part of a line", "[firmware][app]") {
    Unlocked phone;
    CHECK(phone.send("$") == "");
    CHECK(phone.send("S$3$@\r") == "S3@\r02_00_00_00_01_00_43\r");
    CHECK(phone.send("\r\n\r") == "");
}

TEST_CASE("the PIN can be changed", "[firmware][app]") {
    Unlocked phone;
    CHECK(phone.ask("47-0A0!") == "OK");
    CHECK(phone.ask("1A-0A1!") == "KO");
    CHECK(phone.ask("47-0A0!") == "OK");
    CHECK(phone.ask("11-0A1!") == "OK");
    CHECK(phone.ask("PW1234!") == "NA");
    CHECK(phone.ask("PW4711!") == "OK");
}

TEST_CASE("the totals can be cleared", "[firmware][app]") {
    Unlocked phone;
    phone.current(500);
    phone.messages(1000);
    REQUIRE(phone.pack.energy().collected_total_kwh() == 1);
    CHECK(phone.ask("02-0B0!") == "KO");
    CHECK(phone.ask("01-0B0!") == "OK");
    CHECK(phone.pack.energy().collected_total_kwh() == 0);
    CHECK_FALSE(phone.pack.take_changed());
}

TEST_CASE("currents are told in 12.5 mA whatever the sensor's type", "[firmware][app][current]") {
    Unlocked phone;
    CHECK(phone.ask("I@").substr(0, 17) == "X0000_X0000_X0000");
    phone.frame.i1 = 11;
    phone.messages(1);
    CHECK(phone.ask("I@").substr(0, 17) == "+002C_+002C_X0000");
    phone.frame.i2 = 12;
    phone.messages(1);
    CHECK(phone.ask("I@").substr(0, 17) == "+002C_-0004_+0030");
    REQUIRE(phone.set(bms::app_address::sensor_type, bms::SensorType::turns_2) == bms::Refusal::none);
    CHECK(phone.ask("I@").substr(0, 17) == "+0016_-0002_+0018");
    REQUIRE(phone.set(bms::app_address::sensor_type, bms::SensorType::turns_4) == bms::Refusal::none);
    CHECK(phone.ask("I@").substr(0, 17) == "+000B_-0001_+000C");
    phone.silence(30);
    CHECK(phone.ask("I@").substr(0, 17) == "X0000_X0000_X0000");
}
