// SPDX-License-Identifier: GPL-3.0-or-later
// Every supply that has a dialect, with its twin: what a bench asks of each of them alike, and what
// is particular to one.
#include <catch2/catch.hpp>

#include <functional>
#include <map>

#include "fixtures/dialect_file.hpp"
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/twins/bloomy_abs.hpp"
#include "instruments/twins/itech_m3400.hpp"
#include "instruments/twins/keysight_e36300.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "instruments/twins/rigol_dp800.hpp"
#include "instruments/twins/rs_hmp.hpp"
#include "instruments/twins/siglent_spd3303x.hpp"
#include "tests/fixtures/temporary_file.hpp"
#include "tests/instruments/fake_terminals.hpp"
#include "tests/instruments/switch_off.hpp"
#include "tests/instruments/test_clock.hpp"

using namespace rig;
using Catch::Matchers::Contains;

namespace {

using Sockets = std::vector<Terminals*>;
using Twin = std::unique_ptr<ScpiTwin>;
using MakeTwin = std::function<Twin(Clock&, std::unique_ptr<ByteLink>, const Sockets&, std::uint64_t seed)>;

template <class Kind, class... More>
MakeTwin twin_of(More... more) {
    return [more...](Clock& clock, std::unique_ptr<ByteLink> link, const Sockets& sockets,
                     std::uint64_t seed) -> Twin {
        return std::make_unique<Kind>(clock, std::move(link), sockets, seed, more...);
    };
}

MakeTwin itech(ItechM3400Twin::SinkSign sign) {
    return [sign](Clock& clock, std::unique_ptr<ByteLink> link, const Sockets& sockets,
                  std::uint64_t seed) -> Twin {
        return std::make_unique<ItechM3400Twin>(clock, std::move(link), sockets.front(), seed, sign);
    };
}

const std::map<std::string, MakeTwin> twins{
    {"ngi-n83624", twin_of<NgiN83624Twin>()},
    {"bloomy-abs", twin_of<BloomyAbsTwin>()},
    {"bloomy-abs-rs485", twin_of<BloomyAbsTwin>(7)},
    {"rigol-dp800", twin_of<RigolDp800Twin>()},
    {"rs-hmp4040", twin_of<RsHmpTwin>()},
    {"rs-hmp2020", twin_of<RsHmpTwin>(2)},
    {"keysight-e36300", twin_of<KeysightE36300Twin>()},
    {"keysight-n6700", twin_of<KeysightE36300Twin>(KeysightE36300Twin::Model::n6702a)},
    {"siglent-spd3303x", twin_of<SiglentSpd3303xTwin>()},
    {"itech-m3400", itech(ItechM3400Twin::SinkSign::negative)},
};

std::vector<std::string> every_name() {
    std::vector<std::string> names;
    for (const auto& [name, make] : twins)
        names.push_back(name);
    return names;
}

ScpiDialect dialect_named(const std::string& name) {
    return load_dialect(RIG_SOURCE_DIR "/fixtures/dialects/" + name + ".toml");
}

/// One supply on the desk, each of its channels on a resistor.
struct Desk {
    explicit Desk(const std::string& name, std::uint64_t seed = 1)
        : Desk(dialect_named(name), twins.at(name), seed) {}
    Desk(const ScpiDialect& its_dialect, const MakeTwin& make, std::uint64_t seed = 1)
        : dialect(its_dialect), loads(static_cast<std::size_t>(dialect.channels)) {
        Sockets sockets;
        for (auto& load : loads)
            sockets.push_back(&load);
        MemoryLink link = memory_link(clock, Wire::lan(), "memory:supply");
        twin = make(clock, std::move(link.far), sockets, seed);
        supply =
            std::make_unique<ScpiSupply>(clock, std::move(link.near), dialect, "supply", dialect.channels, 7);
    }

    CellSupply& channel(int number) { return supply->channel(number); }
    FakeTerminals& load(int number) { return loads.at(static_cast<std::size_t>(number - 1)); }

    TestClock clock;
    ScpiDialect dialect;
    std::vector<FakeTerminals> loads;
    Twin twin;
    std::unique_ptr<ScpiSupply> supply;
};

}  // namespace

TEST_CASE("every supply stands for cells: set, limited, on, measured, off", "[instruments][supplies]") {
    const auto name = GENERATE(from_range(every_name()));
    CAPTURE(name);
    Desk desk(name);
    const int last = desk.supply->channels();
    for (int number = 1; number <= last; ++number) {
        desk.channel(number).set_voltage(Volts{3.0 + 0.1 * number});
        desk.channel(number).set_current_limit(Amperes{0.8});
    }
    for (int number = 1; number <= last; ++number) {
        CHECK_FALSE(desk.load(number).driven());
        desk.channel(number).output_on();
    }
    std::vector<Reply<Volts>> volts;
    std::vector<Reply<Amperes>> amperes;
    for (int number = 1; number <= last; ++number) {
        volts.push_back(desk.channel(number).measure_voltage());
        amperes.push_back(desk.channel(number).measure_current());
    }
    for (int number = 1; number <= last; ++number) {
        CAPTURE(number);
        const double wanted = 3.0 + 0.1 * number;
        CHECK(desk.load(number).voltage().value == Approx(wanted).margin(0.02));
        CHECK(desk.load(number).drives.back().amperes.value == Approx(0.8));
        CHECK(volts[static_cast<std::size_t>(number - 1)].get().value == Approx(wanted).margin(0.03));
        CHECK(amperes[static_cast<std::size_t>(number - 1)].get().value == Approx(wanted / 10).margin(0.01));
        CHECK(desk.channel(number).alarms().empty());
        CHECK(desk.channel(number).errors().empty());
    }
    for (int number = last; number >= 1; --number) {
        desk.channel(number).output_off();
        desk.clock.run_for(1000_ms);
        CHECK_FALSE(desk.load(number).driven());
    }
}

TEST_CASE("every supply is switched off by its bytes alone, after half a command of somebody else's",
          "[instruments][supplies][off]") {
    const auto name = GENERATE(from_range(every_name()));
    CAPTURE(name);
    TestClock clock;
    const auto dialect = dialect_named(name);
    std::vector<FakeTerminals> loads(static_cast<std::size_t>(dialect.channels));
    Sockets sockets;
    for (auto& load : loads)
        sockets.push_back(&load);
    MemoryLink link = memory_link(clock, Wire::lan(), "memory:supply");
    const auto twin = twins.at(name)(clock, std::move(link.far), sockets, 1);
    auto wire = std::make_shared<SharedWire>(std::move(link.near));
    ScpiSupply supply(clock, wire->end(), dialect, "supply", dialect.channels, 7);
    for (int number = 1; number <= supply.channels(); ++number) {
        supply.channel(number).set_voltage(Volts{3.3});
        supply.channel(number).set_current_limit(Amperes{0.8});
        supply.channel(number).output_on();
    }
    wire->send(supply.off_sequence().steps.front().send.substr(0, 3));
    // Outputs follow late: the first time may find them still on, but it must have told them.
    switched_off(clock, *wire, supply.off_sequence(), 1);
    clock.run_for(1000_ms);
    for (const auto& load : loads)
        CHECK_FALSE(load.driven());
    CHECK(switched_off(clock, *wire, supply.off_sequence()) == "");
}

TEST_CASE("what a supply cannot do is said before it is asked for, and refused when it is",
          "[instruments][supplies]") {
    const auto abilities = [](const std::string& name) { return Desk(name).channel(1).abilities(); };
    CHECK(abilities("ngi-n83624").sinks);
    CHECK(abilities("itech-m3400").sinks);
    CHECK_FALSE(abilities("rigol-dp800").sinks);
    CHECK(abilities("rigol-dp800").over_voltage);
    CHECK(abilities("keysight-e36300").watchdog);
    CHECK_FALSE(abilities("rs-hmp4040").watchdog);
    CHECK_FALSE(abilities("siglent-spd3303x").over_voltage);
    Desk desk("siglent-spd3303x");
    CHECK_THROWS_WITH(
        desk.channel(1).protect_above(Volts{4.5}),
        Contains("has no protection against too many volts: a siglent-spd3303x cannot do that"));
}

TEST_CASE("a protection is armed, read back, trips, says so, and lets go when it is cleared",
          "[instruments][supplies]") {
    const std::string name = GENERATE("rigol-dp800", "rs-hmp4040", "keysight-e36300", "keysight-n6700");
    CAPTURE(name);
    Desk desk(name);
    auto& cell = desk.channel(1);
    cell.set_voltage(Volts{3.3});
    cell.set_current_limit(Amperes{0.8});

    SECTION("over-voltage, also armed anew when the channel goes on") {
        cell.protect_above(Volts{4.5});
        cell.output_on();
        CHECK(cell.alarms().empty());
        CHECK_THROWS_WITH(cell.set_voltage(Volts{4.8}), Contains("channel 1: reports over-voltage"));
        desk.clock.run_for(1000_ms);
        CHECK_FALSE(desk.load(1).driven());
        cell.output_off();
        cell.set_voltage(Volts{3.4});
        cell.clear_alarms();
        cell.output_on();
        CHECK(desk.load(1).driven());
    }

    SECTION("over-current") {
        cell.protect_above(Amperes{0.8});
        cell.output_on();
        desk.load(1).load = Ohms{0.5};
        desk.clock.run_for(100_ms);
        CHECK(cell.alarms() == std::vector<std::string>{"over-current"});
        desk.clock.run_for(1000_ms);
        CHECK_FALSE(desk.load(1).driven());
    }
}

TEST_CASE("a supply that can say so says when it limits its current", "[instruments][supplies]") {
    const std::string name = GENERATE("ngi-n83624", "bloomy-abs", "rigol-dp800", "siglent-spd3303x");
    CAPTURE(name);
    Desk desk(name);
    for (const int number : {1, 2}) {
        desk.channel(number).set_voltage(Volts{3.3});
        desk.channel(number).set_current_limit(Amperes{0.8});
        desk.channel(number).output_on();
    }
    desk.load(2).load = Ohms{0.5};
    CHECK(desk.channel(1).alarms().empty());
    CHECK(desk.channel(2).alarms() == std::vector<std::string>{"over-current"});
    CHECK_THROWS_WITH(desk.channel(2).set_voltage(Volts{3.4}), Contains("channel 2: reports over-current"));
}

TEST_CASE("a level that the supply does not hold is no protection", "[instruments][supplies]") {
    Desk desk("rigol-dp800");
    CHECK_THROWS_WITH(desk.channel(1).protect_above(Volts{60.0}), Contains("-222,\"Data out of range\""));
}

TEST_CASE("a protection without a level of its own keeps setpoints below what was asked for",
          "[instruments][supplies]") {
    Desk desk("rs-hmp4040");
    desk.channel(1).protect_above(Amperes{0.8});
    CHECK_THROWS_WITH(desk.channel(1).set_current_limit(Amperes{0.9}),
                      Contains("shall switch off above 0.8000 A, so it is not set to 0.9000 A"));
}

TEST_CASE("a DP832 has fallen to a lower voltage when setting it returns, and is empty when it is off",
          "[instruments][supplies][quirk]") {
    Desk desk("rigol-dp800");
    auto& cell = desk.channel(1);
    cell.set_voltage(Volts{4.2});
    cell.set_current_limit(Amperes{1.0});
    cell.output_on();
    cell.set_voltage(Volts{3.0});
    CHECK(desk.load(1).voltage().value == Approx(3.0).margin(0.05));
    cell.output_off();
    CHECK(desk.load(1).voltage().value < 0.35);
}

TEST_CASE("an HMP acts on the channel that is meant, whatever hands at its panel select",
          "[instruments][supplies][quirk]") {
    Desk desk("rs-hmp4040");
    auto& panel = dynamic_cast<RsHmpTwin&>(*desk.twin);
    for (const int number : {2, 3}) {
        panel.select(4);
        desk.channel(number).set_voltage(Volts{3.0 + 0.1 * number});
        panel.select(4);
        desk.channel(number).set_current_limit(Amperes{0.5});
        panel.select(1);
        desk.channel(number).output_on();
    }
    panel.select(1);
    CHECK(desk.channel(2).measure_voltage().get().value == Approx(3.2).margin(0.02));
    panel.select(2);
    CHECK(desk.channel(3).measure_voltage().get().value == Approx(3.3).margin(0.02));
    CHECK_FALSE(desk.load(1).driven());
    CHECK_FALSE(desk.load(4).driven());
}

TEST_CASE("an HMP's main switch lets nothing through that was left on before",
          "[instruments][supplies][quirk]") {
    TestClock clock;
    std::vector<FakeTerminals> loads(4);
    MemoryLink link = memory_link(clock, Wire::lan(), "memory:supply");
    RsHmpTwin twin(clock, std::move(link.far), {&loads[0], &loads[1], &loads[2], &loads[3]}, 1);
    link.near->send("INST OUT4;:VOLT 12;:OUTP:SEL ON\n");
    clock.run_for(100_ms);
    ScpiSupply supply(clock, std::move(link.near), dialect_named("rs-hmp4040"), "supply", 2);
    supply.channel(1).set_voltage(Volts{3.3});
    supply.channel(1).set_current_limit(Amperes{0.5});
    supply.channel(1).output_on();
    clock.run_for(100_ms);
    CHECK(loads[0].driven());
    CHECK_FALSE(loads[3].driven());
}

TEST_CASE("a Keysight's watchdog switches its outputs off when nobody talks, and only then",
          "[instruments][supplies][quirk]") {
    Desk desk("keysight-e36300");
    auto& cell = desk.channel(2);
    cell.set_voltage(Volts{3.3});
    cell.set_current_limit(Amperes{0.5});
    cell.arm_watchdog(std::chrono::seconds(5));
    cell.output_on();

    SECTION("a script that waits for a minute keeps its cell") {
        desk.clock.run_for(60'000_ms);
        CHECK(desk.load(2).driven());
        CHECK(cell.alarms().empty());
    }
    SECTION("a program that is gone does not") {
        desk.supply.reset();
        desk.clock.run_for(4'000_ms);
        CHECK(desk.load(2).driven());
        desk.clock.run_for(2'000_ms);
        CHECK_FALSE(desk.load(2).driven());
    }
    SECTION("a silence it does not have is refused") {
        CHECK_THROWS_WITH(cell.arm_watchdog(std::chrono::hours(2)),
                          Contains("1 to 3600 s of silence, not 7200 s"));
    }
}

TEST_CASE("a Keysight that was reset has its watchdog armed again before an output goes on",
          "[instruments][supplies][quirk]") {
    TestClock clock;
    FakeTerminals load;
    MemoryLink link = memory_link(clock, Wire::lan(), "memory:supply");
    KeysightE36300Twin twin(clock, std::move(link.far), {&load}, 1);
    auto wire = std::make_shared<SharedWire>(std::move(link.near));
    auto supply =
        std::make_unique<ScpiSupply>(clock, wire->end(), dialect_named("keysight-e36300"), "supply", 1);
    supply->channel(1).set_voltage(Volts{3.3});
    supply->channel(1).set_current_limit(Amperes{0.5});
    supply->channel(1).arm_watchdog(std::chrono::seconds(5));
    wire->send("*RST\n");
    clock.run_for(100_ms);
    supply->channel(1).output_on();
    supply.reset();
    clock.run_for(6'000_ms);
    CHECK_FALSE(load.driven());
}

TEST_CASE("a Siglent gets its pause after each setting, and its status is read from hexadecimal bits",
          "[instruments][supplies][quirk]") {
    const std::uint64_t seed = GENERATE(range(1, 6));
    Desk desk("siglent-spd3303x", seed);
    for (const int number : {1, 2}) {
        desk.channel(number).set_voltage(Volts{3.3});
        desk.channel(number).set_current_limit(Amperes{0.5});
        desk.channel(number).output_on();
    }
    CHECK(desk.load(1).driven());
    desk.channel(1).output_off();
    CHECK(desk.load(2).driven());
    CHECK_FALSE(desk.load(1).voltage().value > 0.35);
}

TEST_CASE("a Siglent's errors are understood without quotes", "[instruments][supplies][quirk]") {
    Desk desk("siglent-spd3303x");
    CHECK(desk.channel(1).errors().empty());
    CHECK_THROWS_WITH(desk.channel(1).set_voltage(Volts{40.0}),
                      Contains("was refused") && Contains("3 Operation Over Range"));
}

TEST_CASE("an ITECH takes as much as it delivers, whichever sign its firmware wants",
          "[instruments][supplies][quirk]") {
    const auto sign = GENERATE(ItechM3400Twin::SinkSign::negative, ItechM3400Twin::SinkSign::positive);
    Desk desk(dialect_named("itech-m3400"), itech(sign));
    desk.channel(1).set_current_limit(Amperes{2.5});
    CHECK(dynamic_cast<ItechM3400Twin&>(*desk.twin).takes().value == Approx(2.5));
    CHECK(desk.channel(1).errors().empty());
    CHECK_THROWS_WITH(desk.channel(1).set_current_limit(Amperes{9.0}), Contains("-222"));
}

TEST_CASE("a Bloomy on a shared line is spoken to by its number", "[instruments][supplies][quirk]") {
    TestClock clock;
    MemoryLink link = memory_link(clock, Wire::serial(115200), "memory:supply");
    BloomyAbsTwin twin(clock, std::move(link.far), {}, 1, 3);
    CHECK_THROWS_WITH(
        ScpiSupply(clock, std::move(link.near), dialect_named("bloomy-abs-rs485"), "supply", 8, 4),
        Contains("no answer to \"*IDN?\""));
}

TEST_CASE("a supply that differs by its commands only is one file", "[instruments][supplies][dialect]") {
    // The same instrument by another of its manuals: long headers, and both setpoints through :APPL.
    const TemporaryFile file("mine.toml", R"(schema = 1
identity = "DP832"
channels = 2
[output]
off = { set = ":OUTPUT:STATE CH{ch},OFF", ask = ":OUTPUT:STATE? CH{ch}", answer = "OFF" }
on = { set = ":OUTPUT:STATE CH{ch},ON", ask = ":OUTPUT:STATE? CH{ch}", answer = "ON" }
[voltage]
set = ":SOURCE{ch}:VOLTAGE:LEVEL:IMMEDIATE:AMPLITUDE {value}"
ask = ":SOURCE{ch}:VOLTAGE?"
measure = ":MEASURE:VOLTAGE:DC? CH{ch}"
tolerance = 0.001
[current]
set = ":SOURCE{ch}:CURRENT {value}"
ask = ":SOURCE{ch}:CURRENT?"
measure = ":MEASURE:CURRENT? CH{ch}"
tolerance = 0.001
[errors]
ask = ":SYSTEM:ERROR:NEXT?"
)");
    Desk desk(load_dialect(file.path()), twins.at("rigol-dp800"));
    desk.channel(2).set_voltage(Volts{3.7});
    desk.channel(2).set_current_limit(Amperes{1.0});
    desk.channel(2).output_on();
    CHECK(desk.channel(2).measure_voltage().get().value == Approx(3.7).margin(0.02));
    CHECK(desk.load(2).driven());
    CHECK_THROWS_WITH(desk.channel(2).set_voltage(Volts{99}), Contains("-222"));
}
