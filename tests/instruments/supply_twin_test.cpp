// SPDX-License-Identifier: GPL-3.0-or-later
// The supply's driver against the instrument's twin, which has its quirks.
#include <catch2/catch.hpp>

#include "fixtures/dialect_file.hpp"
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

const ScpiDialect ngi = load_dialect(RIG_SOURCE_DIR "/fixtures/dialects/ngi-n83624.toml");

struct Desk {
    explicit Desk(const Wire& wire = Wire::lan()) : link(memory_link(clock, wire, "memory:cells")) {}

    void switch_on(int channel, Volts volts) {
        supply.channel(channel).set_voltage(volts);
        supply.channel(channel).set_current_limit(Amperes{1.0});
        supply.channel(channel).output_on();
    }

    TestClock clock;
    FakeTerminals first, second;
    MemoryLink link;
    NgiN83624Twin twin{clock, std::move(link.far), {&first, &second}, 1};
    ScpiSupply supply{clock, std::move(link.near), ngi, "cell supply 1", 2};
};

}  // namespace

TEST_CASE("a cell channel drives its terminals with the voltage and limit it was told",
          "[instruments][supply]") {
    Desk desk;
    desk.switch_on(1, Volts{3.3});

    REQUIRE(desk.first.driven());
    CHECK(desk.first.drives.back().mode == Terminals::Drive::Mode::voltage);
    CHECK(desk.first.drives.back().volts.value == Approx(3.3).margin(0.001));
    CHECK(desk.first.drives.back().amperes.value == Approx(1.0));
    CHECK_FALSE(desk.second.driven());

    SECTION("measures what stands there") {
        CHECK(desk.supply.channel(1).measure_voltage().get().value == Approx(3.3).margin(0.002));
        CHECK(desk.supply.channel(1).measure_current().get().value == Approx(0.33).margin(0.002));
    }
    SECTION("and is off once output_off has returned") {
        desk.supply.channel(1).output_off();
        CHECK_FALSE(desk.first.driven());
    }
}

TEST_CASE("opening a supply that was left on switches it off", "[instruments][supply]") {
    TestClock clock;
    FakeTerminals cell;
    auto link = memory_link(clock, Wire::lan(), "memory:cells");
    NgiN83624Twin twin(clock, std::move(link.far), {&cell}, 1);
    link.near->send(
        "SOUR1:VOLT 4.2\nOUTP1:MODE 3\nSOUR1:OUTCURR 3000\nNONSENSE\nOUTP1:MODE 0\nOUTP1:ONOFF 1\n");
    clock.run_for(100_ms);
    REQUIRE(cell.driven());

    const ScpiSupply supply(clock, std::move(link.near), ngi, "cell supply 1", 1);
    CHECK_FALSE(cell.driven());
}

TEST_CASE("a mode that was left behind is corrected before the output goes on", "[instruments][supply]") {
    TestClock clock;
    FakeTerminals cell;
    auto link = memory_link(clock, Wire::lan(), "memory:cells");
    NgiN83624Twin twin(clock, std::move(link.far), {&cell}, 1);
    link.near->send("OUTP1:MODE 3\n");
    ScpiSupply supply(clock, std::move(link.near), ngi, "cell supply 1", 1);
    supply.channel(1).set_voltage(Volts{3.3});
    supply.channel(1).set_current_limit(Amperes{1.0});
    supply.channel(1).output_on();
    CHECK(cell.driven());
}

TEST_CASE("volts and amperes asked for at once both come", "[instruments][supply]") {
    Desk desk;
    desk.switch_on(1, Volts{3.3});
    desk.switch_on(2, Volts{3.4});

    auto volts_1 = desk.supply.channel(1).measure_voltage();
    auto amperes_1 = desk.supply.channel(1).measure_current();
    auto volts_2 = desk.supply.channel(2).measure_voltage();
    auto amperes_2 = desk.supply.channel(2).measure_current();

    CHECK(amperes_2.get().value == Approx(0.34).margin(0.002));
    CHECK(volts_1.get().value == Approx(3.3).margin(0.002));
    CHECK(amperes_1.get().value == Approx(0.33).margin(0.002));
    CHECK(volts_2.get().value == Approx(3.4).margin(0.002));
}

TEST_CASE("a voltage beyond the supply's own range is caught although it clamps silently",
          "[instruments][supply]") {
    Desk desk;
    CHECK_THROWS_WITH(desk.supply.channel(1).set_voltage(Volts{6.5}), Contains("the supply holds 6.0000 V"));
}

TEST_CASE("a short on a cell's leads is found when its output goes on", "[instruments][supply]") {
    Desk desk;
    desk.first.load = Ohms{0.01};
    CHECK_THROWS_WITH(desk.switch_on(1, Volts{3.3}), Contains("channel 1: reports over-current"));
    desk.supply.channel(1).output_off();
    CHECK_FALSE(desk.first.driven());
}

TEST_CASE("a dead supply fails in its time and can be switched off when it is back",
          "[instruments][supply]") {
    TestClock clock;
    FakeTerminals cell;
    auto link = memory_link(clock, Wire::lan(), "memory:cells");
    auto twin =
        std::make_unique<NgiN83624Twin>(clock, std::move(link.far), std::vector<Terminals*>{&cell}, 1);
    ScpiSupply supply(clock, std::move(link.near), ngi, "cell supply 1", 1);
    twin.reset();

    const auto before = clock.now();
    CHECK_THROWS_WITH(supply.channel(1).output_off(),
                      Contains("no answer to \"OUTP1:ONOFF?\" within 500 ms"));
    CHECK(clock.now() - before < 700_ms);
}

TEST_CASE("setting a cell over a serial line costs little more than its bytes", "[instruments][supply]") {
    Desk desk(Wire::serial(115200));
    desk.switch_on(1, Volts{3.3});
    const auto before = desk.clock.now();
    desk.supply.channel(1).set_voltage(Volts{3.4});
    // 65 bytes there, 22 back, and 5 commands of 1 ms
    CHECK(desk.clock.now() - before < 14_ms);
}
