// SPDX-License-Identifier: GPL-3.0-or-later
// The KA3005P's driver against its twin, on the wire's real time.
#include "instruments/drivers/korad_ka3005p.hpp"

#include <catch2/catch.hpp>

#include "instruments/links/memory_link.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/pty_server.hpp"
#include "instruments/links/tcp_server.hpp"
#include "instruments/twins/korad_ka3005p.hpp"
#include "tests/instruments/borrowed_link.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/switch_off.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

struct Desk {
    explicit Desk(std::uint64_t seed = 1) : twin(clock, std::move(link.far), &load, seed) {
        wire = std::make_shared<SharedWire>(std::move(link.near));
        supply = std::make_unique<KoradKa3005p>(clock, wire->end(), "supply");
    }

    /// Somebody else at the wire, who waits until the unit understood.
    void somebody_says(const std::string& word) {
        clock.run_for(200_ms);
        wire->send(word);
        clock.run_for(200_ms);
    }

    CellSupply& cell() { return supply->channel(1); }

    TestClock clock;
    FakeTerminals load{Ohms{20.0}};
    MemoryLink link = memory_link(clock, Wire::serial(9600), "memory:supply");
    KoradKa3005pTwin twin;
    std::shared_ptr<SharedWire> wire;
    std::unique_ptr<KoradKa3005p> supply;
};

}  // namespace

TEST_CASE("a KA3005P gets its silence between words, whatever its unit needs",
          "[instruments][korad][quirk]") {
    const std::uint64_t seed = GENERATE(range(1, 9));
    Desk desk(seed);
    desk.cell().set_voltage(Volts{3.7});
    desk.cell().set_current_limit(Amperes{0.5});
    CHECK_FALSE(desk.load.driven());
    desk.cell().output_on();
    CHECK(desk.load.voltage().value == Approx(3.7).margin(0.015));
    auto volts = desk.cell().measure_voltage();
    auto amperes = desk.cell().measure_current();
    CHECK(volts.get().value == Approx(3.7).margin(0.03));
    CHECK(amperes.get().value == Approx(0.185).margin(0.004));
    desk.cell().output_off();
    desk.clock.run_for(100_ms);
    CHECK_FALSE(desk.load.driven());
}

TEST_CASE("a KA3005P's name is kept as it says it", "[instruments][korad]") {
    const Desk desk;
    CHECK(desk.supply->identity().name == "supply");
    CHECK(desk.supply->identity().answer == "KORADKA3005PV2.0");
}

TEST_CASE("a KA3005P whose line broke says so once, and is heard again by the next word",
          "[instruments][korad][links]") {
    WallClock clock;
    TcpServer port(clock);
    FakeTerminals load{Ohms{20.0}};
    KoradKa3005pTwin twin(clock, std::make_unique<BorrowedLink>(port), &load, 1);
    KoradKa3005p supply(clock, open_link(clock, parse_link(port.name())), "supply");
    CellSupply& cell = supply.channel(1);
    cell.set_voltage(Volts{3.7});
    cell.set_current_limit(Amperes{0.5});
    cell.output_on();
    port.hang_up();
    clock.run_for(100_ms);
    // What it held may be lost with its link: it is not simply gone on.
    CHECK_THROWS_WITH(cell.set_current_limit(Amperes{0.6}), Contains("closed by the peer"));
    CHECK(cell.measure_voltage().get().value == Approx(3.7).margin(0.03));
    SECTION("switching off needs no second try") {
        port.hang_up();
        clock.run_for(100_ms);
        cell.output_off();
        CHECK(clock.run_until([&] { return !load.driven(); }, clock.now() + 2'000_ms));
    }
    SECTION("a word whose answer the break took is told why") {
        auto asked = cell.measure_voltage();
        port.hang_up();
        CHECK_THROWS_WITH(asked.get(), Contains("no answer to \"VOUT1?\"") && Contains("closed by the peer"));
        CHECK(cell.measure_voltage().get().value == Approx(3.7).margin(0.03));
    }
}

TEST_CASE("a byte that a KA3005P adds to an answer reaches no other answer", "[instruments][korad][quirk]") {
    Desk desk;
    for (const double limit : {0.5, 1.25, 2.0}) {
        desk.cell().set_current_limit(Amperes{limit});
        CHECK(desk.cell().measure_voltage().get().value < 0.1);
    }
}

TEST_CASE("a KA3005P that clamps or ignores a setpoint is caught without an error queue",
          "[instruments][korad]") {
    Desk desk;
    desk.cell().set_voltage(Volts{3.3});
    CHECK_THROWS_WITH(desk.cell().set_voltage(Volts{40.0}),
                      Contains("asked for 40.000 V, the supply holds 3.300 V"));
    CHECK(desk.cell().errors().empty());
}

TEST_CASE("a KA3005P's status is one byte, and says when it limits", "[instruments][korad][quirk]") {
    Desk desk;
    desk.cell().set_voltage(Volts{3.3});
    desk.cell().set_current_limit(Amperes{0.5});
    desk.cell().output_on();
    CHECK(desk.cell().alarms().empty());
    desk.load.load = Ohms{0.5};
    CHECK(desk.cell().alarms() == std::vector<std::string>{"over-current"});
    CHECK(desk.load.driven());
}

TEST_CASE("a KA3005P's protections are armed before it goes on, and trip at the setpoint",
          "[instruments][korad]") {
    Desk desk;
    desk.cell().set_voltage(Volts{3.3});
    desk.cell().set_current_limit(Amperes{0.5});
    desk.cell().protect_above(Volts{4.5});
    desk.cell().protect_above(Amperes{0.5});
    CHECK_THROWS_WITH(desk.cell().set_voltage(Volts{4.6}), Contains("shall switch off above 4.500 V"));
    // Hands at its front panel disarm what was armed.
    desk.somebody_says("OCP0");
    desk.cell().output_on();
    desk.load.load = Ohms{0.5};
    desk.clock.run_for(100_ms);
    CHECK(desk.cell().alarms() == std::vector<std::string>{"over-voltage or over-current"});
    desk.clock.run_for(500_ms);
    CHECK_FALSE(desk.load.driven());
}

TEST_CASE("a KA3005P has fallen to a lower voltage when setting it returns", "[instruments][korad]") {
    Desk desk;
    desk.cell().set_voltage(Volts{4.2});
    desk.cell().set_current_limit(Amperes{0.5});
    desk.cell().output_on();
    desk.cell().set_voltage(Volts{2.0});
    CHECK(desk.load.voltage().value == Approx(2.0).margin(0.05));
}

TEST_CASE("a KA3005P is switched off by its bytes alone, after half a word of somebody else's",
          "[instruments][korad][off]") {
    const std::uint64_t seed = GENERATE(range(1, 5));
    Desk desk(seed);
    desk.cell().set_voltage(Volts{3.3});
    desk.cell().set_current_limit(Amperes{0.5});
    desk.cell().output_on();
    desk.clock.run_for(200_ms);
    desk.wire->send("VSET1:0");
    switched_off(desk.clock, *desk.wire, desk.supply->off_sequence(), 1);
    desk.clock.run_for(500_ms);
    CHECK_FALSE(desk.load.driven());
    CHECK(switched_off(desk.clock, *desk.wire, desk.supply->off_sequence()) == "");
}

TEST_CASE("another instrument on a KA3005P's line is named, and silence is no hang", "[instruments][korad]") {
    TestClock clock;
    MemoryLink link = memory_link(clock, Wire::serial(9600), "memory:supply");
    link.far->on_receive([&](std::string_view) { link.far->send("RIGOL TECHNOLOGIES"); });
    CHECK_THROWS_WITH(KoradKa3005p(clock, std::move(link.near), "supply"),
                      Contains("supply: is \"RIGOL TECHNOLOGIES\", not a KA3005P"));
    MemoryLink dead = memory_link(clock, Wire::serial(9600), "memory:supply");
    CHECK_THROWS_WITH(KoradKa3005p(clock, std::move(dead.near), "supply"),
                      Contains("no answer to \"*IDN?\" within 500 ms on memory:supply"));
}

TEST_CASE("an answer that silence ends is over in real time, too", "[instruments][korad][links]") {
    WallClock clock;
    PtyServer port(clock);
    FakeTerminals load{Ohms{20.0}};
    KoradKa3005pTwin twin(clock, std::make_unique<BorrowedLink>(port), &load, 1);
    KoradKa3005p supply(clock, open_link(clock, parse_link(port.name())), "supply");
    supply.channel(1).set_voltage(Volts{3.7});
    supply.channel(1).set_current_limit(Amperes{0.5});
    supply.channel(1).output_on();
    CHECK(supply.channel(1).measure_voltage().get().value == Approx(3.7).margin(0.03));
    supply.channel(1).output_off();
    CHECK_FALSE(load.driven());
}
