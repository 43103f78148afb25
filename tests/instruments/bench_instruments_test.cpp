// SPDX-License-Identifier: GPL-3.0-or-later
// Loads, meters and I/O boards: drivers against their twins.
#include <catch2/catch.hpp>

#include "instruments/drivers/numato_board.hpp"
#include "instruments/drivers/scpi_load.hpp"
#include "instruments/drivers/scpi_meter.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/twins/electronic_load.hpp"
#include "instruments/twins/keysight_34461a.hpp"
#include "instruments/twins/numato_board.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/switch_off.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

/// A cell that a load takes from.
class FakeCell : public Terminals {
public:
    void drive(const Drive& its_drive) override { last = its_drive; }
    Volts voltage() const override { return Volts{3.6} + current() * Ohms{0.05}; }
    Amperes current() const override {
        return last.mode == Drive::Mode::current ? last.amperes : Amperes{0.0};
    }
    Drive last;
};

struct LoadDesk {
    explicit LoadDesk(bool rigol)
        : twin(clock, std::move(link.far), cell, 1,
               rigol ? ElectronicLoadTwin::Model::rigol_dl3021 : ElectronicLoadTwin::Model::siglent_sdl1020x),
          wire(std::move(link.near)),
          load(clock, wire.end(), rigol ? ScpiLoad::rigol_dl3021() : ScpiLoad::siglent_sdl1000x(), "load") {}

    TestClock clock;
    FakeCell cell;
    MemoryLink link = memory_link(clock, Wire::lan(), "memory:load");
    ElectronicLoadTwin twin;
    SharedWire wire;
    ScpiLoad load;
};

struct MeterDesk {
    explicit MeterDesk(Keysight34461aTwin::Model model = Keysight34461aTwin::Model::keysight_34461a)
        : twin(clock, std::move(link.far), cell, 1, model),
          meter(clock, std::move(link.near),
                model == Keysight34461aTwin::Model::keysight_34461a ? "34461A" : "SDM3", "meter") {}

    TestClock clock;
    FakeCell cell;
    MemoryLink link = memory_link(clock, Wire::lan(), "memory:meter");
    Keysight34461aTwin twin;
    ScpiMeter meter;
};

struct BoardDesk {
    TestClock clock;
    MemoryLink link = memory_link(clock, Wire::serial(115200), "memory:board");
    NumatoBoardTwin twin{clock, std::move(link.far), 8};
    SharedWire wire{std::move(link.near)};
    NumatoBoard board{clock, wire.end(), "board", 8};
};

}  // namespace

TEST_CASE("a load takes a constant current from a cell, whatever it was used for before",
          "[instruments][load][quirk]") {
    const bool rigol = GENERATE(true, false);
    LoadDesk desk(rigol);
    CHECK_THROWS_WITH(desk.load.input_on(), Contains("has no current to take yet"));
    desk.load.set_current(Amperes{2.5});
    desk.load.input_on();
    CHECK(desk.cell.current().value == Approx(-2.5).margin(0.003));
    CHECK(desk.load.measure_current().get().value == Approx(2.5).margin(0.005));
    CHECK(desk.load.measure_voltage().get().value == Approx(3.475).margin(0.005));
    CHECK_THROWS_WITH(desk.load.set_current(Amperes{50.0}), Contains("-222,\"Data out of range\""));
    desk.load.input_off();
    CHECK(desk.cell.current().value == 0.0);
}

TEST_CASE("a load is switched off by its bytes alone, after half a command", "[instruments][load][off]") {
    LoadDesk desk(GENERATE(true, false));
    desk.load.set_current(Amperes{1.0});
    desk.load.input_on();
    desk.wire.send(":CURR:LE");
    CHECK(switched_off(desk.clock, desk.wire, desk.load.off_sequence(), 1) == "");
    CHECK(desk.cell.current().value == 0.0);
}

TEST_CASE("a meter reads in the range it was told, from the first reading on",
          "[instruments][meter][quirk]") {
    MeterDesk desk(
        GENERATE(Keysight34461aTwin::Model::keysight_34461a, Keysight34461aTwin::Model::siglent_sdm3055));
    CHECK(desk.meter.read().get().value == Approx(3.6).margin(0.0006));
    desk.meter.measure_up_to(Volts{100.0}, 1.0);
    CHECK(desk.meter.read().get().value == Approx(3.6).margin(0.006));
    desk.meter.measure_up_to(Volts{1.0}, 10.0);
    CHECK_THROWS_WITH(desk.meter.read().get(), Contains("is overloaded in the range it was told to use"));
}

TEST_CASE("a meter is not asked to go without its zero", "[instruments][meter][quirk]") {
    MeterDesk desk;
    CHECK_THROWS_WITH(desk.meter.measure_up_to(Volts{10.0}, 0.2),
                      Contains("1 to 100 power line cycles, not 0.2"));
    CHECK(desk.meter.read().get().value == Approx(3.6).margin(0.0006));
}

TEST_CASE("a Numato board's answer is told from its echo, and ends at the prompt",
          "[instruments][numato][quirk]") {
    BoardDesk desk;
    desk.board.relay(3).drive(true);
    CHECK(desk.twin.relays[3]);
    CHECK(desk.board.relay(3).driven());
    desk.twin.lines = 0b1000;
    CHECK(desk.board.gpio(3));
    CHECK_FALSE(desk.board.gpio(2));
    desk.twin.analogue_counts[1] = 512;
    CHECK(desk.board.adc(1).value == Approx(5.0 * 512 / 1023));
    desk.board.relay(3).drive(false);
    CHECK_FALSE(desk.twin.relays[3]);
}

TEST_CASE("a Numato board that somebody left half a word understands the next",
          "[instruments][numato][quirk]") {
    TestClock clock;
    MemoryLink link = memory_link(clock, Wire::serial(115200), "memory:board");
    NumatoBoardTwin twin(clock, std::move(link.far), 4);
    twin.relays[0] = true;
    twin.relays[2] = true;
    link.near->send("relay o");
    clock.run_for(100_ms);
    NumatoBoard board(clock, std::move(link.near), "board", 4);
    CHECK_FALSE(twin.relays[0]);
    CHECK_FALSE(twin.relays[2]);
}

TEST_CASE("an answer that a Numato board still owed somebody else is none of ours",
          "[instruments][numato][quirk]") {
    TestClock clock;
    MemoryLink link = memory_link(clock, Wire::serial(115200), "memory:board");
    NumatoBoardTwin twin(clock, std::move(link.far), 4);
    twin.lines = 0b0010;
    link.near->send("gpio read 3\r");
    NumatoBoard board(clock, std::move(link.near), "board", 4);
    CHECK(board.gpio(1));
    CHECK_FALSE(board.gpio(3));
}

TEST_CASE("a relay that a Numato board has not got is no relay that is off", "[instruments][numato]") {
    TestClock clock;
    MemoryLink link = memory_link(clock, Wire::serial(115200), "memory:board");
    NumatoBoardTwin twin(clock, std::move(link.far), 4);
    CHECK_THROWS_WITH(NumatoBoard(clock, std::move(link.near), "board", 8),
                      Contains("relay 4 is told to go off, \"relay read 4\" is answered \"\""));
}

TEST_CASE("a Numato board's inputs are asked in turn, and an edge is stamped when its turn has come",
          "[instruments][numato]") {
    BoardDesk desk;
    desk.twin.lines = 0b0100;
    desk.twin.analogue_counts[1] = 200;
    auto& contact = desk.board.watch_line(2, false);
    auto& to_ground = desk.board.watch_line(5, true);
    auto& light = desk.board.watch_analogue(1, Volts{2.0}, false);
    CHECK(contact.active());
    CHECK(to_ground.active());
    CHECK_FALSE(light.active());
    desk.clock.run_for(1000_ms);
    CHECK(contact.edges().empty());

    const auto changed = desk.clock.now();
    desk.twin.lines = 0b100000;
    desk.twin.analogue_counts[1] = 600;
    CHECK(contact.active());
    desk.clock.run_for(200_ms);
    for (auto* input : {&contact, &to_ground, &light}) {
        REQUIRE(input->edges().size() == 1);
        CHECK(input->edges()[0].at > changed);
        CHECK(input->edges()[0].at <= changed + 100_ms);
        CHECK(input->edges_whole_from() < changed);
    }
    CHECK_FALSE(contact.active());
    CHECK_FALSE(to_ground.active());
    CHECK(light.active());

    // Whoever wants a relay in between need not wait for a round.
    const auto asked = desk.clock.now();
    desk.board.relay(1).drive(true);
    CHECK(desk.clock.now() - asked < 50_ms);
    CHECK(desk.twin.relays[1]);
}

TEST_CASE("an input that a Numato board does not answer for is not what it was before",
          "[instruments][numato]") {
    TestClock clock;
    MemoryLink link = memory_link(clock, Wire::serial(115200), "memory:board");
    auto twin = std::make_unique<NumatoBoardTwin>(clock, std::move(link.far), 4);
    NumatoBoard board(clock, std::move(link.near), "board", 4);
    auto& contact = board.watch_line(2, false);
    twin.reset();
    clock.run_for(1000_ms);
    CHECK_THROWS_WITH(contact.active(), Contains("board: no answer to \"gpio read 2"));
    CHECK_THROWS_WITH(contact.edges(), Contains("board: no answer to \"gpio read 2"));
}

TEST_CASE("a Numato board is switched off by its bytes alone, after half a word",
          "[instruments][numato][off]") {
    BoardDesk desk;
    desk.board.relay(0).drive(true);
    desk.board.relay(7).drive(true);
    desk.wire.send("relay on");
    CHECK(switched_off(desk.clock, desk.wire, desk.board.off_sequence(), 1) == "");
    CHECK(desk.twin.relays == std::vector<bool>(8));
}
