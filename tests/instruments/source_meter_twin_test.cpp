// SPDX-License-Identifier: GPL-3.0-or-later
// The SourceMeter's driver against its twin, and the twin's own limits.
#include <catch2/catch.hpp>

#include "instruments/drivers/keithley_2400.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/twins/keithley_2400.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/talk.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

struct Desk {
    TestClock clock;
    FakeTerminals load{Ohms{5.0}};
    MemoryLink link = memory_link(clock, Wire::serial(57600), "memory:sensor 1");
    Keithley2400Twin twin{clock, std::move(link.far), load, 1};
    Keithley2400 meter{clock, std::move(link.near), "sensor 1 source"};
};

struct Terminal {
    TestClock clock;
    FakeTerminals load{Ohms{5.0}};
    MemoryLink link = memory_link(clock, Wire::serial(9600), "memory:sensor 1");
    Keithley2400Twin twin{clock, std::move(link.far), load, 1};
    Talk talk{clock, std::move(link.near)};
};

}  // namespace

TEST_CASE("a SourceMeter's current flows once its output is on, and is measured",
          "[instruments][source-meter]") {
    Desk desk;
    desk.meter.source_current(Amperes{-0.5}, Volts{10.0});
    CHECK_FALSE(desk.load.driven());
    desk.meter.output_on();
    CHECK(desk.load.current().value == Approx(-0.5).margin(0.001));
    CHECK(desk.meter.measure_current().get().value == Approx(-0.5).margin(0.002));
    CHECK(desk.meter.measure_voltage().get().value == Approx(-2.5).margin(0.01));
    desk.meter.output_off();
    CHECK_FALSE(desk.load.driven());
}

TEST_CASE("an open circuit trips the compliance and is an error", "[instruments][source-meter]") {
    Desk desk;
    desk.load.load = Ohms{1e6};
    desk.meter.source_current(Amperes{0.1}, Volts{5.0});
    CHECK_THROWS_WITH(desk.meter.output_on(),
                      Contains("cannot hold 0.1 A within 5 V") && Contains("circuit closed"));
    CHECK(desk.meter.at_compliance());
    CHECK(desk.load.voltage().value == Approx(5.0));
}

TEST_CASE("a short trips a voltage source's compliance", "[instruments][source-meter]") {
    Desk desk;
    desk.load.load = Ohms{0.1};
    desk.meter.source_voltage(Volts{1.0}, Amperes{0.01});
    CHECK_THROWS_WITH(desk.meter.output_on(), Contains("cannot hold 1 V within 0.01 A"));
}

TEST_CASE("a current beyond the instrument's range is refused by it and reported",
          "[instruments][source-meter]") {
    Desk desk;
    CHECK_THROWS_WITH(desk.meter.source_current(Amperes{1.06}, Volts{10.0}), Contains("-222"));
    CHECK_THROWS_WITH(desk.meter.source_current(Amperes{0.5}, Volts{30.0}),
                      Contains("+826") || Contains("826"));
}

TEST_CASE("going between full current and full voltage never asks for both", "[instruments][source-meter]") {
    Desk desk;
    desk.meter.source_current(Amperes{1.0}, Volts{20.0});
    desk.meter.source_current(Amperes{0.05}, Volts{100.0});
    desk.meter.source_current(Amperes{1.0}, Volts{20.0});
    desk.meter.source_voltage(Volts{1.0}, Amperes{1.0});
    desk.meter.source_voltage(Volts{100.0}, Amperes{0.05});
    desk.meter.source_current(Amperes{0.05}, Volts{100.0});
    desk.meter.output_on();
    CHECK(desk.load.current().value == Approx(0.05).margin(0.0001));
}

TEST_CASE("a change of function leaves the output off, and the driver knows it",
          "[instruments][source-meter]") {
    Desk desk;
    desk.meter.source_current(Amperes{0.1}, Volts{5.0});
    desk.meter.output_on();
    desk.meter.source_voltage(Volts{2.0}, Amperes{1.0});
    CHECK_FALSE(desk.load.driven());
    desk.meter.output_on();
    CHECK(desk.load.voltage().value == Approx(2.0).margin(0.001));
}

TEST_CASE("volts and amperes asked of a SourceMeter at once both come", "[instruments][source-meter]") {
    Desk desk;
    desk.meter.source_voltage(Volts{2.0}, Amperes{1.0});
    desk.meter.output_on();
    auto volts = desk.meter.measure_voltage();
    auto amperes = desk.meter.measure_current();
    CHECK(amperes.get().value == Approx(0.4).margin(0.002));
    CHECK(volts.get().value == Approx(2.0).margin(0.002));
}

TEST_CASE("the 2400 answers no reading with its output off", "[instruments][twin]") {
    Terminal terminal;
    CHECK(terminal.talk.ask(":READ?").empty());
    CHECK(terminal.talk.ask(":SYST:ERR?") == "803,\"Not permitted with OUTPUT off\"");
}

TEST_CASE("the 2400 sends five elements unless told which, and no voltage it does not measure",
          "[instruments][twin]") {
    Terminal terminal;
    terminal.talk.type(":SOUR:FUNC CURR;CURR 0.1;:SENS:VOLT:PROT 5;:OUTP ON");
    CHECK(terminal.talk.ask(":FORM:ELEM?") == "VOLT,CURR,RES,TIME,STAT");
    CHECK(terminal.talk.ask(":READ?").substr(0, 13) == "+9.910000E+37");
    terminal.talk.type(":SENS:FUNC 'VOLT'");
    CHECK(terminal.talk.ask(":READ?").substr(0, 4) == "+5.0");
}

TEST_CASE("the 2400 rounds a level to the step of the range that holds it", "[instruments][twin]") {
    Terminal terminal;
    terminal.talk.type(":SOUR:CURR 0.50002");
    CHECK(terminal.talk.ask(":SOUR:CURR?") == "+5.000000E-01");
    terminal.talk.type(":SOUR:CURR 0.0500021");
    CHECK(terminal.talk.ask(":SOUR:CURR?") == "+5.000000E-02");
    terminal.talk.type(":SOUR:VOLT -1.23456");
    CHECK(terminal.talk.ask(":SOUR:VOLT?") == "-1.234550E+00");
}
