// SPDX-License-Identifier: GPL-3.0-or-later
// The SourceMeter's driver against pages of its manual.
#include "instruments/drivers/keithley_2400.hpp"

#include <catch2/catch.hpp>

#include "instruments/instrument_error.hpp"
#include "instruments/links/scripted_link.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

const std::string none = "0,\"No error\"";

const std::vector<ScriptedLink::Line> opening{{"*IDN?", "KEITHLEY INSTRUMENTS INC.,MODEL 2400,1000001,C30"},
                                              {":SYST:ERR?", none},
                                              {"*RST", ""},
                                              {":SYST:ERR?", none},
                                              {":OUTP OFF", ""},
                                              {":OUTP?", "0"},
                                              {":SENS:FUNC:CONC ON", ""},
                                              {":SYST:ERR?", none},
                                              {":SENS:FUNC \"VOLT\",\"CURR\"", ""},
                                              {":SYST:ERR?", none},
                                              {":FORM:ELEM VOLT,CURR", ""},
                                              {":SYST:ERR?", none}};

const std::vector<ScriptedLink::Line> on{
    {":OUTP ON", ""}, {":SYST:ERR?", none}, {":OUTP?", "1"}, {":SENS:VOLT:PROT:TRIP?", "0"}};

struct Desk {
    Desk() : meter(clock, std::unique_ptr<ByteLink>(link), "sensor 1 source") {}

    void expect(const std::vector<ScriptedLink::Line>& page) { link->append(page); }

    /// A page that every current begins with.
    void source_100_ma() {
        expect({{":OUTP OFF", ""},
                {":OUTP?", "0"},
                {":SOUR:FUNC CURR", ""},
                {":SYST:ERR?", none},
                {":SOUR:FUNC?", "CURR"},
                {":SOUR:CURR 0.000000E+00", ""},
                {":SYST:ERR?", none},
                {":SOUR:CURR?", "+0.000000E+00"},
                {":SENS:VOLT:PROT 5.000000E+00", ""},
                {":SYST:ERR?", none},
                {":SENS:VOLT:PROT?", "+5.000000E+00"},
                {":SOUR:CURR 1.000000E-01", ""},
                {":SYST:ERR?", none},
                {":SOUR:CURR?", "+1.000000E-01"}});
        meter.source_current(Amperes{0.1}, Volts{5.0});
    }

    TestClock clock;
    ScriptedLink* link = new ScriptedLink(clock, opening);
    Keithley2400 meter;
};

}  // namespace

TEST_CASE("a current is sourced off first: function, compliance, level, each read back",
          "[instruments][source-meter]") {
    Desk desk;
    desk.source_100_ma();
    CHECK(desk.link->finished());

    SECTION("and the output's state is read back, and whether it trips") {
        desk.expect(on);
        desk.meter.output_on();
        CHECK(desk.link->finished());

        SECTION("then a reading is volts and amperes") {
            desk.expect(
                {{":READ?", "+1.234560E+00,+9.999000E-02"}, {":READ?", "+1.234560E+00,+9.999000E-02"}});
            CHECK(desk.meter.measure_voltage().get().value == Approx(1.23456));
            CHECK(desk.meter.measure_current().get().value == Approx(0.09999));
        }
        SECTION("then the same function's next level is set without switching off") {
            desk.expect({{":SOUR:CURR -2.000000E-01", ""},
                         {":SYST:ERR?", none},
                         {":SOUR:CURR?", "-2.000000E-01"},
                         {":SENS:VOLT:PROT:TRIP?", "1"}});
            CHECK_THROWS_WITH(desk.meter.source_current(Amperes{-0.2}, Volts{5.0}),
                              Contains("sensor 1 source: cannot hold -0.2 A within 5 V"));
        }
        SECTION("then a reading that is none is refused") {
            desk.expect({{":READ?", "+9.910000E+37,+1.000000E-01"}});
            CHECK_THROWS_WITH(desk.meter.measure_voltage().get(), Contains("no reading"));
        }
        SECTION("then a reading with other elements is refused") {
            desk.expect({{":READ?", "+1.0E+00,+1.0E-01,+9.91E+37,+1.0E+01,+2.0E+04"}});
            CHECK_THROWS_WITH(desk.meter.measure_current().get(), Contains("not volts and amperes"));
        }
        SECTION("then off is read back too") {
            desk.expect({{":OUTP OFF", ""}, {":OUTP?", "OFF"}});
            desk.meter.output_off();
            CHECK(desk.link->finished());
        }
    }
    SECTION("and a level the instrument did not take is caught") {
        desk.expect(
            {{":SOUR:CURR 2.000000E-01", ""}, {":SYST:ERR?", none}, {":SOUR:CURR?", "+1.000000E-01"}});
        CHECK_THROWS_WITH(desk.meter.source_current(Amperes{0.2}, Volts{5.0}),
                          Contains("asked for 0.2 A, \":SOUR:CURR?\" answers 0.1 A"));
    }
    SECTION("and an output that the interlock blocks is named") {
        desk.expect({{":OUTP ON", ""},
                     {":SYST:ERR?", "+802,\"OUTPUT blocked by output enable\""},
                     {":SYST:ERR?", none}});
        CHECK_THROWS_WITH(
            desk.meter.output_on(),
            Contains("\":OUTP ON\" was refused on scripted: +802,\"OUTPUT blocked by output enable\""));
    }
}

TEST_CASE("nothing is measured while the output is off", "[instruments][source-meter]") {
    Desk desk;
    CHECK_THROWS_WITH(desk.meter.measure_current(), Contains("measures only while its output is on"));
    CHECK(desk.link->finished());
}

TEST_CASE("an output without a target stays off", "[instruments][source-meter]") {
    Desk desk;
    CHECK_THROWS_WITH(desk.meter.output_on(), Contains("has no target"));
    CHECK(desk.link->finished());
}
