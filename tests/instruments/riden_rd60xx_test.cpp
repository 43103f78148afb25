// SPDX-License-Identifier: GPL-3.0-or-later
// The Riden's driver against its twin's registers.
#include "instruments/drivers/riden_rd60xx.hpp"

#include <catch2/catch.hpp>

#include "instruments/links/memory_link.hpp"
#include "instruments/links/memory_registers.hpp"
#include "instruments/modbus_frame.hpp"
#include "instruments/twins/modbus_server.hpp"
#include "instruments/twins/riden_rd60xx.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/switch_off.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

struct Desk {
    explicit Desk(RidenRd60xxTwin::Model model = RidenRd60xxTwin::Model::rd6006)
        : twin(std::make_shared<RidenRd60xxTwin>(clock, &load, 1, model)),
          supply(clock, memory_registers(clock, Wire::serial(115200), twin, "memory:supply"), "supply") {}

    CellSupply& cell() { return supply.channel(1); }

    TestClock clock;
    FakeTerminals load{Ohms{10.0}};
    std::shared_ptr<RidenRd60xxTwin> twin;
    RidenRd60xx supply;
};

}  // namespace

TEST_CASE("a Riden's amperes are counted in its model's steps", "[instruments][riden][quirk]") {
    const auto model = GENERATE(RidenRd60xxTwin::Model::rd6006, RidenRd60xxTwin::Model::rd6012,
                                RidenRd60xxTwin::Model::rd6018);
    Desk desk(model);
    desk.cell().set_voltage(Volts{3.65});
    desk.cell().set_current_limit(Amperes{2.5});
    desk.cell().output_on();
    CHECK(desk.load.voltage().value == Approx(3.65).margin(0.015));
    CHECK(desk.load.drives.back().amperes.value == Approx(2.5));
    auto volts = desk.cell().measure_voltage();
    auto amperes = desk.cell().measure_current();
    CHECK(volts.get().value == Approx(3.65).margin(0.03));
    CHECK(amperes.get().value == Approx(0.365).margin(0.015));
    desk.cell().output_off();
    desk.clock.run_for(100_ms);
    CHECK_FALSE(desk.load.driven());
}

TEST_CASE("a Riden's model is kept as it says it", "[instruments][riden]") {
    const Desk desk;
    CHECK(desk.supply.identity().name == "supply");
    CHECK(desk.supply.identity().answer.starts_with("Riden, model 6006"));
}

TEST_CASE("on a slow line a Riden's frames are as far apart as its speed needs",
          "[instruments][riden][off]") {
    TestClock clock;
    FakeTerminals load;
    const auto twin = std::make_shared<RidenRd60xxTwin>(clock, &load, 1);
    const RidenRd60xx supply(clock, memory_registers(clock, Wire::serial(2400), twin, "memory:supply"),
                             "supply");
    const auto sequence = supply.off_sequence();
    constexpr Nanoseconds of_3_5_characters{14'583'333};
    CHECK(sequence.flush_silence >= of_3_5_characters);
    for (const auto& step : sequence.steps)
        CHECK(step.silence_after >= of_3_5_characters);
}

TEST_CASE("a Riden refuses what is out of range, and the driver says so", "[instruments][riden]") {
    Desk desk;
    CHECK_THROWS_WITH(desk.cell().set_voltage(Volts{70.0}),
                      Contains("supply: holding register 8: refused, illegal data value on memory:supply"));
}

TEST_CASE("a Riden's protections have levels of their own, trip, say so and let go", "[instruments][riden]") {
    Desk desk;
    desk.cell().set_voltage(Volts{3.3});
    desk.cell().set_current_limit(Amperes{2.0});
    desk.cell().protect_above(Volts{4.5});
    desk.cell().protect_above(Amperes{1.0});
    desk.cell().output_on();
    SECTION("over-voltage") {
        CHECK_THROWS_WITH(desk.cell().set_voltage(Volts{4.8}), Contains("reports over-voltage"));
    }
    SECTION("over-current") {
        desk.load.load = Ohms{2.0};
        CHECK(desk.cell().alarms() == std::vector<std::string>{"over-current"});
    }
    desk.clock.run_for(500_ms);
    CHECK_FALSE(desk.load.driven());
    desk.load.load = Ohms{10.0};
    desk.cell().clear_alarms();
    desk.cell().set_voltage(Volts{3.3});
    desk.cell().output_on();
    CHECK(desk.load.driven());
}

TEST_CASE("a model that nobody knows is not driven", "[instruments][riden]") {
    struct Other : RegisterSpace {
        Registers read(std::uint16_t, int) override { return {60065}; }
        void write(std::uint16_t, const Registers&) override {}
    };
    TestClock clock;
    const auto other = std::make_shared<Other>();
    CHECK_THROWS_WITH(
        RidenRd60xx(clock, memory_registers(clock, Wire::serial(115200), other, "memory:supply"), "supply"),
        Contains("supply: says that it is model 60065, not an RD6006, RD6012 or RD6018"));
}

TEST_CASE("a Modbus frame is the one that the protocol's own papers show", "[instruments][modbus]") {
    // Read three holding registers from 107 of unit 17.
    CHECK(modbus_frame(17, 3, modbus_word(107) + modbus_word(3)) ==
          std::string("\x11\x03\x00\x6b\x00\x03\x76\x87", 8));
    CHECK(modbus_whole(std::string("\x11\x03\x00\x6b\x00\x03\x76\x87", 8)));
    CHECK_FALSE(modbus_whole(std::string("\x11\x03\x00\x6b\x00\x03\x76\x88", 8)));
}

TEST_CASE("a Riden is switched off by its bytes alone, after half a frame of somebody else's",
          "[instruments][riden][off]") {
    Desk desk;
    desk.cell().set_voltage(Volts{3.3});
    desk.cell().set_current_limit(Amperes{0.5});
    desk.cell().output_on();
    MemoryLink line = memory_link(desk.clock, Wire::serial(115200), "memory:line");
    const ModbusServer server(desk.clock, std::move(line.far), *desk.twin);
    SharedWire wire(std::move(line.near));
    wire.send(std::string("\x01\x06\x00\x08", 4));
    switched_off(desk.clock, wire, desk.supply.off_sequence(), 1);
    desk.clock.run_for(500_ms);
    CHECK_FALSE(desk.load.driven());
    CHECK(switched_off(desk.clock, wire, desk.supply.off_sequence()) == "");
}
