// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "instruments/twins/ngi_n83624.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/talk.hpp"

using namespace rig;

namespace {

struct Desk {
    TestClock clock;
    FakeTerminals cell;
    MemoryLink link = memory_link(clock, Wire::lan(), "memory:test");
    NgiN83624Twin twin{clock, std::move(link.far), {&cell}, 1};
    Talk talk{clock, std::move(link.near)};
};

}  // namespace

TEST_CASE("a twin finds a command by its short and its long form, whatever its case", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("SOURce1:VOLTage 1.5");
    CHECK(desk.talk.ask("sour1:volt?") == "1.5000");
    CHECK(desk.talk.ask(":SOUR:VOLT?") == "1.5000");
    CHECK(desk.talk.ask("SOURC1:VOLT?").empty());
}

TEST_CASE("a semicolon keeps the header's path, a colon after it returns to the root",
          "[instruments][twin]") {
    Desk desk;
    desk.talk.type("SOUR1:VOLT 2.5;OUTCURR 500;:OUTP1:MODE 0");
    CHECK(desk.talk.ask("SOUR1:VOLT?;OUTCURR?;*OPC?;RANG?") == "2.5000;500.0;1;3");
    CHECK(desk.talk.ask("SYST:ERR?") == "0,\"No error\"");
}

TEST_CASE("an unknown header is error -113 and shows in both status registers", "[instruments][twin]") {
    Desk desk;
    CHECK(desk.talk.ask("*ESR?") == "128");
    desk.talk.type("SOUR1:POWER 3");
    CHECK(desk.talk.ask("*STB?") == "4");
    CHECK(desk.talk.ask("*ESR?") == "32");
    CHECK(desk.talk.ask("*ESR?") == "0");
    CHECK(desk.talk.ask("SYST:ERR?") == "-113,\"Undefined header\"");
    CHECK(desk.talk.ask("SYST:ERR?") == "0,\"No error\"");
    CHECK(desk.talk.ask("*STB?") == "0");
}

TEST_CASE("a command error drops the rest of its message, an execution error does not",
          "[instruments][twin]") {
    Desk desk;
    desk.talk.type("SOUR1:VOLT 1;NONSENSE 1;VOLT 2");
    CHECK(desk.talk.ask("SOUR1:VOLT?") == "1.0000");
    desk.talk.type("OUTP1:ONOFF 7;:SOUR1:VOLT 3");
    CHECK(desk.talk.ask("SOUR1:VOLT?") == "3.0000");
    CHECK(desk.talk.ask("*ESR?") == "176");
}

TEST_CASE("a message that comes before the last answer was sent costs that answer", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("*IDN?");
    desk.talk.type("SOUR1:VOLT?");
    CHECK(desk.talk.read() == "0.0000");
    CHECK(desk.talk.ask("SYST:ERR?") == "-410,\"Query INTERRUPTED\"");
    CHECK(desk.talk.ask("*ESR?") == "132");
}

TEST_CASE("an error queue that runs over says so in its last place", "[instruments][twin]") {
    Desk desk;
    for (int i = 0; i < 12; ++i)
        desk.talk.type("NONSENSE");
    for (int i = 0; i < 9; ++i)
        CHECK(desk.talk.ask("SYST:ERR?") == "-113,\"Undefined header\"");
    CHECK(desk.talk.ask("SYST:ERR?") == "-350,\"Queue overflow\"");
    CHECK(desk.talk.ask("SYST:ERR?") == "0,\"No error\"");
}

TEST_CASE("parameters that are missing, too many or no numbers are told apart", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("SOUR1:VOLT");
    desk.talk.type("SOUR1:VOLT 1,2");
    desk.talk.type("SOUR1:VOLT abc");
    desk.talk.type("SOUR99:VOLT 1");
    CHECK(desk.talk.ask("SYST:ERR?") == "-109,\"Missing parameter\"");
    CHECK(desk.talk.ask("SYST:ERR?") == "-108,\"Parameter not allowed\"");
    CHECK(desk.talk.ask("SYST:ERR?") == "-104,\"Data type error\"");
    CHECK(desk.talk.ask("SYST:ERR?") == "-114,\"Header suffix out of range\"");
}

TEST_CASE("each command takes the instrument its time", "[instruments][twin]") {
    Desk desk;
    desk.talk.ask("*OPC?");
    const auto one = desk.clock.now();
    desk.talk.ask("*OPC?;*OPC?;*OPC?");
    CHECK((desk.clock.now() - one) > one + 1_ms);
    CHECK((desk.clock.now() - one) < one + 3_ms);
}
