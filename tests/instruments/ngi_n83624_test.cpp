// SPDX-License-Identifier: GPL-3.0-or-later
// What the twin of the NGI N83624 does, as far as its bytes and terminals tell.
#include <catch2/catch.hpp>

#include "instruments/twins/ngi_n83624.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/talk.hpp"

using namespace rig;

namespace {

struct Desk {
    explicit Desk(std::uint64_t seed = 1) : twin(clock, std::move(link.far), {&first, &second}, seed) {
        for (const auto* line :
             {"SOUR1:VOLT 3.3", "SOUR1:OUTCURR 1000", "SOUR2:VOLT 3.4", "SOUR2:OUTCURR 1000"})
            talk.type(line);
    }
    TestClock clock;
    FakeTerminals first, second;
    MemoryLink link = memory_link(clock, Wire::lan(), "memory:test");
    NgiN83624Twin twin;
    Talk talk{clock, std::move(link.near)};
};

}  // namespace

TEST_CASE("the N83624 clamps a setpoint to its range without a word", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("SOUR1:VOLT 7.5");
    CHECK(desk.talk.ask("SOUR1:VOLT?") == "6.0000");
    desk.talk.type("SOUR1:OUTCURR 5000");
    CHECK(desk.talk.ask("SOUR1:OUTCURR?") == "3000.0");
    CHECK(desk.talk.ask("SYST:ERR?") == "0,\"No error\"");
}

TEST_CASE("the N83624's output relay follows its command late", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("OUTP1:ONOFF 1");
    CHECK(desk.talk.ask("OUTP1:ONOFF?") == "0");
    desk.clock.run_for(20_ms);
    CHECK(desk.talk.ask("OUTP1:ONOFF?") == "1");
    CHECK(desk.first.driven());
    CHECK_FALSE(desk.second.driven());
}

TEST_CASE("the N83624 answers a channel list in the list's order", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("OUTP1:ONOFF 1;:OUTP2:ONOFF 1");
    desk.clock.run_for(50_ms);
    const auto answer = desk.talk.ask("MEAS:VOLT? (@2,1)");
    CHECK(answer.substr(0, 4) == "3.40");
    CHECK(answer.substr(answer.find(',') + 1, 4).substr(0, 3) == "3.3");
    CHECK(desk.talk.ask("MEAS:CURR? (@1:2)").substr(0, 2) == "33");
    CHECK(desk.talk.ask("MEAS:VOLT? (@25)").empty());
    CHECK(desk.talk.ask("SYST:ERR?") == "-222,\"Data out of range\"");
    CHECK(desk.talk.ask("MEAS:VOLT? (@1").empty());
    CHECK(desk.talk.ask("MEAS:VOLT? (@)").empty());
    CHECK(desk.talk.ask("SYST:ERR?") == "-171,\"Invalid expression\"");
}

TEST_CASE("the N83624 refuses another mode or range while its output is on", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("OUTP1:ONOFF 1");
    desk.clock.run_for(50_ms);
    desk.talk.type("OUTP1:MODE 3");
    CHECK(desk.talk.ask("SYST:ERR?") == "-221,\"Settings conflict\"");
    desk.talk.type("SOUR1:RANG 0");
    CHECK(desk.talk.ask("SYST:ERR?") == "-221,\"Settings conflict\"");
}

TEST_CASE("the N83624 drives nothing in a mode that is not the plain one", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("OUTP1:MODE 3;ONOFF 1");
    desk.clock.run_for(50_ms);
    CHECK_FALSE(desk.first.driven());
}

TEST_CASE("the N83624's status says when a channel limits its current", "[instruments][twin]") {
    Desk desk;
    desk.first.load = Ohms{0.1};
    desk.talk.type("OUTP1:ONOFF 1;:OUTP2:ONOFF 1");
    desk.clock.run_for(50_ms);
    CHECK(desk.talk.ask("OUTP1:STAT?") == "2");
    CHECK(desk.talk.ask("OUTP2:STAT?") == "0");
}

TEST_CASE("*RST takes the N83624 off the network, with its outputs off", "[instruments][twin]") {
    Desk desk;
    desk.talk.type("OUTP1:ONOFF 1");
    desk.clock.run_for(50_ms);
    desk.talk.type("*RST");
    desk.clock.run_for(15'000_ms);
    CHECK(desk.talk.ask("*IDN?").empty());
    CHECK_FALSE(desk.first.driven());
}

TEST_CASE("the seed decides a unit's errors, and they stay within its accuracy", "[instruments][twin]") {
    const auto driven = [](std::uint64_t seed) {
        Desk desk(seed);
        desk.talk.type("OUTP1:ONOFF 1");
        desk.clock.run_for(50_ms);
        return desk.first.drives.back().volts.value;
    };
    CHECK(driven(1) == driven(1));
    CHECK(driven(1) != driven(2));
    for (std::uint64_t seed = 1; seed < 50; ++seed)
        CHECK(driven(seed) == Approx(3.3).margin(0.00093));
}
