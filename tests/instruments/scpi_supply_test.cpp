// SPDX-License-Identifier: GPL-3.0-or-later
// The supply's driver against pages of the instrument's manual.
#include "instruments/drivers/scpi_supply.hpp"

#include <catch2/catch.hpp>

#include "fixtures/dialect_file.hpp"
#include "instruments/drivers/scpi_session.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/links/scripted_link.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

const ScpiDialect ngi = load_dialect(RIG_SOURCE_DIR "/fixtures/dialects/ngi-n83624.toml");
const std::string none = "0,\"No error\"";

const std::vector<ScriptedLink::Line> opening{{"*IDN?", "NGI,N83624-06-03,T0001,V2.02"},
                                              {"SYST:ERR?", none},
                                              {"OUTP1:ONOFF 0", ""},
                                              {"OUTP1:ONOFF?", "0"}};

struct Desk {
    Desk() : supply(clock, std::unique_ptr<ByteLink>(link), ngi, "cell supply 1", 1) {}

    /// Turns to the next page.
    void expect(const std::vector<ScriptedLink::Line>& page) { link->append(page); }

    TestClock clock;
    ScriptedLink* link = new ScriptedLink(clock, opening);
    ScpiSupply supply;
    CellSupply& cell = supply.channel(1);
};

}  // namespace

TEST_CASE("a supply is identified, its old errors forgotten, its outputs verified off",
          "[instruments][supply]") {
    TestClock clock;
    auto* link = new ScriptedLink(clock, {{"*IDN?", "NGI,N83624-06-03,T0001,V2.02"},
                                          {"SYST:ERR?", "-113,\"Undefined header\""},
                                          {"SYST:ERR?", none},
                                          {"OUTP1:ONOFF 0", ""},
                                          {"OUTP1:ONOFF?", "1"},
                                          {"OUTP1:ONOFF?", "0"},
                                          {"OUTP2:ONOFF 0", ""},
                                          {"OUTP2:ONOFF?", "0"}});
    const ScpiSupply supply(clock, std::unique_ptr<ByteLink>(link), ngi, "cell supply 1", 2);
    CHECK(link->finished());
    CHECK(supply.channels() == 2);
}

TEST_CASE("another instrument at the supply's link is named", "[instruments][supply]") {
    TestClock clock;
    auto link = std::make_unique<ScriptedLink>(
        clock, std::vector<ScriptedLink::Line>{{"*IDN?", "RIGOL TECHNOLOGIES,DP832,DP8A,00.01"}});
    CHECK_THROWS_WITH(ScpiSupply(clock, std::move(link), ngi, "cell supply 1", 1),
                      Contains("cell supply 1: is \"RIGOL TECHNOLOGIES,DP832,DP8A,00.01\", not a N83624"));
}

TEST_CASE("a voltage is set, errors are asked for, and the setpoint is read back", "[instruments][supply]") {
    Desk desk;
    desk.expect({{"SOUR1:VOLT 3.6500", ""}, {"SYST:ERR?", none}, {"SOUR1:VOLT?", "3.65000"}});
    desk.cell.set_voltage(Volts{3.65});
    CHECK(desk.link->finished());
}

TEST_CASE("a current limit travels in milliamperes", "[instruments][supply]") {
    Desk desk;
    desk.expect({{"SOUR1:OUTCURR 1500.0", ""}, {"SYST:ERR?", none}, {"SOUR1:OUTCURR?", "+1.500000E+03"}});
    desk.cell.set_current_limit(Amperes{1.5});
    CHECK(desk.link->finished());
}

TEST_CASE("a supply that clamps a setpoint is caught", "[instruments][supply]") {
    Desk desk;
    desk.expect({{"SOUR1:VOLT 7.0000", ""}, {"SYST:ERR?", none}, {"SOUR1:VOLT?", "6.0000"}});
    CHECK_THROWS_WITH(desk.cell.set_voltage(Volts{7.0}),
                      Contains("cell supply 1, channel 1: asked for 7.0000 V, the supply holds 6.0000 V"));
}

TEST_CASE("a refused command is quoted with all the supply has to say", "[instruments][supply]") {
    Desk desk;
    desk.expect({{"SOUR1:VOLT 3.0000", ""},
                 {"SYST:ERR?", "-222,\"Data out of range\""},
                 {"SYST:ERR?", "-221,\"Settings conflict\""},
                 {"SYST:ERR?", none}});
    CHECK_THROWS_WITH(desk.cell.set_voltage(Volts{3.0}),
                      Contains("\"SOUR1:VOLT 3.0000\" was refused on scripted: -222,\"Data out of range\"; "
                               "-221,\"Settings conflict\""));
}

TEST_CASE("an output goes on in order: off, mode, voltage, limit, and read back at each step",
          "[instruments][supply]") {
    Desk desk;
    desk.expect({{"SOUR1:VOLT 3.3000", ""},
                 {"SYST:ERR?", none},
                 {"SOUR1:VOLT?", "3.3000"},
                 {"SOUR1:OUTCURR 3000.0", ""},
                 {"SYST:ERR?", none},
                 {"SOUR1:OUTCURR?", "3000.0"}});
    desk.cell.set_voltage(Volts{3.3});
    desk.cell.set_current_limit(Amperes{3.0});

    desk.expect({{"OUTP1:ONOFF 0", ""},
                 {"OUTP1:ONOFF?", "0"},
                 {"OUTP1:MODE 0", ""},
                 {"SYST:ERR?", none},
                 {"OUTP1:MODE?", "0"},
                 {"SOUR1:RANG 3", ""},
                 {"SYST:ERR?", none},
                 {"SOUR1:RANG?", "3"},
                 {"SOUR1:VOLT 3.3000", ""},
                 {"SYST:ERR?", none},
                 {"SOUR1:VOLT?", "3.3000"},
                 {"SOUR1:OUTCURR 3000.0", ""},
                 {"SYST:ERR?", none},
                 {"SOUR1:OUTCURR?", "3000.0"},
                 {"OUTP1:ONOFF 1", ""},
                 {"SYST:ERR?", none},
                 {"OUTP1:ONOFF?", "1"},
                 {"OUTP1:STAT?", "0"}});
    desk.cell.output_on();
    CHECK(desk.link->finished());

    SECTION("and stays on without a word when told again") {
        desk.cell.output_on();
    }

    SECTION("and a change while it is on looks at the status") {
        desk.expect({{"SOUR1:VOLT 3.4000", ""},
                     {"SYST:ERR?", none},
                     {"SOUR1:VOLT?", "3.4000"},
                     {"OUTP1:STAT?", "10"}});
        CHECK_THROWS_WITH(desk.cell.set_voltage(Volts{3.4}),
                          Contains("cell supply 1, channel 1: reports over-current, over-temperature"));
    }
}

TEST_CASE("an output without a current limit stays off", "[instruments][supply]") {
    Desk desk;
    CHECK_THROWS_WITH(desk.cell.output_on(), Contains("channel 1: has no current limit yet"));
    CHECK(desk.link->finished());
}

TEST_CASE("what could not be confirmed off is said loudly", "[instruments][supply]") {
    Desk desk;
    std::vector<ScriptedLink::Line> stuck{{"OUTP1:ONOFF 0", ""}};
    for (int i = 0; i < 200; ++i)
        stuck.push_back({"OUTP1:ONOFF?", "1"});
    desk.expect(stuck);
    CHECK_THROWS_WITH(desk.cell.output_off(),
                      Contains("\"OUTP1:ONOFF?\" still answers 1 after 500 ms instead of 0") &&
                          Contains("NOT confirmed off: switch channel 1 off by hand"));
}

TEST_CASE("a supply that does not answer is an error after its time, not a hang", "[instruments][supply]") {
    Desk desk;
    desk.expect({{"MEAS:VOLT? (@1)", ""}});
    auto reply = desk.cell.measure_voltage();
    const auto before = desk.clock.now();
    CHECK_THROWS_WITH(reply.get(), Contains("no answer to \"MEAS:VOLT? (@1)\" within 500 ms on scripted"));
    CHECK(desk.clock.now() - before < 700_ms);
}

TEST_CASE("an answer that comes too late is not taken for the next one's", "[instruments][supply]") {
    Desk desk;
    const ScriptedLink::Line measure{"MEAS:VOLT? (@1)", "3.3000", 100_ms},
        late{measure.command, "1.1", 900_ms};
    const auto identity = [](Nanoseconds after) {
        return ScriptedLink::Line{"*IDN?", opening[0].answer, after};
    };
    desk.expect({late});
    CHECK_THROWS_AS(desk.cell.measure_voltage().get(), InstrumentError);

    SECTION("while the instrument is asked who it is, to find the thread again") {
        desk.expect({identity(450_ms), measure});
        CHECK(desk.cell.measure_voltage().get().value == Approx(3.3));
    }
    SECTION("though who it is comes too late as well") {
        desk.expect({identity(550_ms), identity(10_ms), measure});
        CHECK_THROWS_WITH(desk.cell.measure_voltage().get(),
                          Contains("no answer to \"*IDN?\" within 500 ms"));
        CHECK(desk.cell.measure_voltage().get().value == Approx(3.3));
    }
    CHECK(desk.link->finished());
}

TEST_CASE("what a supply says of an answer that was given up is not the next command's fault",
          "[instruments][supply]") {
    Desk desk;
    desk.expect({{"SOUR1:VOLT 3.3000", ""}, {"SYST:ERR?", none}, {"SOUR1:VOLT?", ""}});
    CHECK_THROWS_WITH(desk.cell.set_voltage(Volts{3.3}), Contains("no answer to \"SOUR1:VOLT?\""));
    desk.expect({{"*IDN?", "NGI,N83624-06-03,T0001,V2.02"},
                 {"SYST:ERR?", "-410,\"Query INTERRUPTED\""},
                 {"SYST:ERR?", none},
                 {"SOUR1:VOLT 3.4000", ""},
                 {"SYST:ERR?", none},
                 {"SOUR1:VOLT?", "3.4000"}});
    desk.cell.set_voltage(Volts{3.4});
    CHECK(desk.link->finished());
}

TEST_CASE("an answer that is no number is quoted", "[instruments][supply]") {
    Desk desk;
    desk.expect({{"MEAS:VOLT? (@1)", "OVER"}});
    CHECK_THROWS_WITH(desk.cell.measure_voltage().get(),
                      Contains("\"MEAS:VOLT? (@1)\" was answered \"OVER\", which is no number"));
}

TEST_CASE("measurements asked for together travel as one query and cost one answer",
          "[instruments][supply]") {
    TestClock clock;
    auto page = opening;
    page.insert(page.end(),
                {{"OUTP2:ONOFF 0", ""}, {"OUTP2:ONOFF?", "0"}, {"MEAS:VOLT? (@1,2)", "3.3010,3.2990"}});
    auto* link = new ScriptedLink(clock, page);
    ScpiSupply supply(clock, std::unique_ptr<ByteLink>(link), ngi, "cell supply 1", 2);

    const auto before = clock.now();
    auto first = supply.channel(1).measure_voltage(), second = supply.channel(2).measure_voltage();
    CHECK(second.get().value == Approx(3.299));
    CHECK(first.get().value == Approx(3.301));
    CHECK(link->finished());
    CHECK(clock.now() - before == 1_ms);
}

TEST_CASE("a short answer to a channel list is an error", "[instruments][supply]") {
    TestClock clock;
    auto page = opening;
    page.insert(page.end(), {{"OUTP2:ONOFF 0", ""}, {"OUTP2:ONOFF?", "0"}, {"MEAS:CURR? (@1,2)", "3.3"}});
    ScpiSupply supply(clock, std::make_unique<ScriptedLink>(clock, page), ngi, "cell supply 1", 2);
    auto first = supply.channel(1).measure_current(), second = supply.channel(2).measure_current();
    CHECK_THROWS_WITH(first.get(), Contains("1 numbers for 2 channels"));
}

TEST_CASE("a measurement asked for before a change goes out before it", "[instruments][supply]") {
    Desk desk;
    desk.expect({{"MEAS:VOLT? (@1)", "3.3"},
                 {"SOUR1:VOLT 3.6500", ""},
                 {"SYST:ERR?", none},
                 {"SOUR1:VOLT?", "3.65"}});
    auto reply = desk.cell.measure_voltage();
    desk.cell.set_voltage(Volts{3.65});
    CHECK(reply.get().value == Approx(3.3));
}

TEST_CASE("asking several supplies costs what the slowest costs", "[instruments][supply]") {
    TestClock clock;
    std::vector<std::unique_ptr<ScpiSupply>> supplies;
    for (int unit = 1; unit <= 16; ++unit) {
        auto page = opening;
        page.push_back({"MEAS:VOLT? (@1)", "3.3", unit == 7 ? 40_ms : 30_ms});
        supplies.push_back(std::make_unique<ScpiSupply>(clock, std::make_unique<ScriptedLink>(clock, page),
                                                        ngi, "cell supply", 1));
    }
    const auto before = clock.now();
    std::vector<Reply<Volts>> replies;
    for (auto& supply : supplies)
        replies.push_back(supply->channel(1).measure_voltage());
    for (auto& reply : replies)
        CHECK(reply.get().value == Approx(3.3));
    CHECK(clock.now() - before == 40_ms);
}

TEST_CASE("a flood without a line end is told to whoever asked, and nobody waits while it is heard",
          "[instruments][supply]") {
    struct Hose : ByteLink {
        void send(std::string_view) override {}
        void on_receive(Receiver its_receiver) override { receiver = std::move(its_receiver); }
        std::string name() const override { return "hose"; }
        Receiver receiver;
    };
    TestClock clock;
    auto* const hose = new Hose;
    ScpiSession session(clock, std::unique_ptr<ByteLink>(hose), "supply", 500_ms);
    const auto asked = session.ask("VOLT?");
    hose->receiver(std::string(70'000, 'x'));
    CHECK(clock.now() == Nanoseconds{});
    CHECK_THROWS_WITH(session.collect(asked),
                      Contains("\"VOLT?\" was answered with 65536 bytes and no line end on hose"));
}
