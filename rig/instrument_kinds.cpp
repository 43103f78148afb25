// SPDX-License-Identifier: GPL-3.0-or-later
// The only file that names concrete drivers and twins. Which driver names a fixture may
// use, fixtures/fixture.cpp says.
#include "rig/instrument_kinds.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

#include "fixtures/dialect_file.hpp"
#include "instruments/drivers/keithley_2400.hpp"
#include "instruments/drivers/korad_ka3005p.hpp"
#include "instruments/drivers/numato_board.hpp"
#include "instruments/drivers/riden_rd60xx.hpp"
#include "instruments/drivers/scpi_meter.hpp"
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/drivers/sigrok_supply.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/links/memory_registers.hpp"
#include "instruments/twins/bloomy_abs.hpp"
#include "instruments/twins/itech_m3400.hpp"
#include "instruments/twins/keithley_2400.hpp"
#include "instruments/twins/keysight_34461a.hpp"
#include "instruments/twins/keysight_e36300.hpp"
#include "instruments/twins/korad_ka3005p.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "instruments/twins/numato_board.hpp"
#include "instruments/twins/riden_rd60xx.hpp"
#include "instruments/twins/rigol_dp800.hpp"
#include "instruments/twins/rs_hmp.hpp"
#include "instruments/twins/siglent_spd3303x.hpp"

namespace rig {

namespace {

constexpr int keithley_baud = 57600, korad_baud = 9600, riden_baud = 115200, numato_baud = 115200;

using Imitate = decltype(SupplyKind::imitate);

/// A twin that speaks in bytes: made with its end of a link, what it is clamped to, its seed, and
/// what else tells one of its kind from another.
template <class Twin, class Clamped, class... More>
Imitation in_bytes(const ImitatedLink& link, const Wire& usual, Clamped&& clamped, More... more) {
    const Wire wire = memory_wire(link.address, usual);
    MemoryLink wired = memory_link(link.clock, wire, link.name);
    auto twin = std::make_shared<Twin>(link.clock, std::move(wired.far), std::forward<Clamped>(clamped),
                                       link.seed, more...);
    return {std::move(twin), {std::move(wired.near), nullptr}, wire};
}

template <class Twin, class... More>
Imitate many_channels(const Wire& usual, More... more) {
    return [=](const ImitatedLink& link, std::vector<Terminals*> terminals) {
        return in_bytes<Twin>(link, usual, std::move(terminals), more...);
    };
}

template <class Twin, class... More>
Imitate one_channel(const Wire& usual, More... more) {
    return [=](const ImitatedLink& link, const std::vector<Terminals*>& terminals) {
        return in_bytes<Twin>(link, usual, terminals.front(), more...);
    };
}

/// The dialects whose instruments have twins.
const std::map<std::string, Imitate>& dialect_twins() {
    constexpr int alone_on_its_line = 1, channels_of_hmp2020 = 2;
    const auto lan = Wire::lan();
    static const std::map<std::string, Imitate> twins{
        {"bloomy-abs", many_channels<BloomyAbsTwin>(lan)},
        {"bloomy-abs-rs485", many_channels<BloomyAbsTwin>(Wire::serial(115200), alone_on_its_line)},
        {"itech-m3400", one_channel<ItechM3400Twin>(lan, ItechM3400Twin::SinkSign::negative)},
        {"keysight-e36300", many_channels<KeysightE36300Twin>(lan)},
        {"keysight-n6700", many_channels<KeysightE36300Twin>(lan, KeysightE36300Twin::Model::n6702a)},
        {"ngi-n83624", many_channels<NgiN83624Twin>(lan)},
        {"rigol-dp800", many_channels<RigolDp800Twin>(lan)},
        {"rs-hmp2020", many_channels<RsHmpTwin>(lan, channels_of_hmp2020)},
        {"rs-hmp4040", many_channels<RsHmpTwin>(lan)},
        {"siglent-spd3303x", many_channels<SiglentSpd3303xTwin>(lan)},
    };
    return twins;
}

/// What carries bytes: what every driver takes but those of registers and of instruments that have a serial
/// line alone.
constexpr const char* of_bytes = "serial:…, pty:…, tcp:…, usbtmc:…";

/// The half of a connection that the driver `driver` talks through.
template <class Half>
std::unique_ptr<Half> needed(std::unique_ptr<Half> half, const std::string& name, const char* driver,
                             const char* links) {
    if (!half)
        throw FixtureError(
            fmt::format("{}: the driver {} needs another link\n  allowed  {}", name, driver, links));
    return half;
}

/// The dialect that the fixture names, or what it could have named.
ScpiDialect dialect_of(const Fixture& fixture, const std::string& name, const ProjectFolder& project) {
    const auto folder = project.root / "fixtures" / "dialects";
    const auto file = folder / (name + ".toml");
    if (std::filesystem::is_regular_file(file)) return load_dialect(file);
    std::set<std::string> known;
    for (const auto& other : std::filesystem::directory_iterator(folder))
        if (other.path().extension() == ".toml") known.insert(other.path().stem().string());
    throw FixtureError(fmt::format("{}: [cells] dialect = \"{}\" is not known\n  allowed  {}",
                                   fixture.file.string(), name, fmt::join(known, ", ")));
}

SupplyKind scpi_supply(const ScpiDialect& dialect) {
    SupplyKind kind;
    kind.channels = dialect.channels;
    kind.open = [dialect](Clock& clock, Connection link, const std::string& name, int channels) {
        return std::make_unique<ScpiSupply>(
            clock, needed(std::move(link.bytes), name, "scpi-supply", of_bytes), dialect, name, channels);
    };
    if (const auto twin = dialect_twins().find(dialect.name); twin != dialect_twins().end())
        kind.imitate = twin->second;
    return kind;
}

SupplyKind korad_ka3005p(const Fixture::Supply&) {
    SupplyKind kind;
    kind.open = [](Clock& clock, Connection link, const std::string& name, int) {
        return std::make_unique<KoradKa3005p>(
            clock, needed(std::move(link.bytes), name, "korad-ka3005p", "serial:…, pty:…"), name);
    };
    kind.imitate = one_channel<KoradKa3005pTwin>(Wire::serial(korad_baud));
    return kind;
}

SupplyKind riden_rd60xx(const Fixture::Supply&) {
    SupplyKind kind;
    kind.open = [](Clock& clock, Connection link, const std::string& name, int) {
        return std::make_unique<RidenRd60xx>(
            clock, needed(std::move(link.registers), name, "riden-rd60xx", "modbus:…"), name);
    };
    kind.imitate = [](const ImitatedLink& link, const std::vector<Terminals*>& terminals) {
        auto twin = std::make_shared<RidenRd60xxTwin>(link.clock, terminals.front(), link.seed);
        const Wire wire = memory_wire(link.address, Wire::serial(riden_baud));
        auto near = memory_registers(link.clock, wire, twin, link.name);
        return Imitation{twin, {nullptr, std::move(near)}, wire, twin};
    };
    return kind;
}

/// How many outputs an instrument has, libsigrok says when it is opened; till then the fixture is believed.
SupplyKind sigrok(const Fixture::Supply& supply) {
    SupplyKind kind;
    kind.channels = supply.channels.value_or(1);
    kind.open = [](Clock&, Connection link, const std::string& name, int channels) {
        return std::make_unique<SigrokSupply>(needed(std::move(link.sigrok), name, "sigrok", "sigrok:…"),
                                              name, channels);
    };
    return kind;
}

SourceKind keithley_2400() {
    SourceKind kind;
    kind.open = [](Clock& clock, Connection link, const std::string& name) {
        return std::make_unique<Keithley2400>(
            clock, needed(std::move(link.bytes), name, "keithley-2400", of_bytes), name);
    };
    kind.imitate = [](const ImitatedLink& link, Terminals& terminals) {
        return in_bytes<Keithley2400Twin>(link, Wire::serial(keithley_baud), terminals);
    };
    return kind;
}

MeterKind scpi_meter(const char* driver, const char* identity, Keysight34461aTwin::Model model) {
    MeterKind kind;
    kind.open = [driver, identity](Clock& clock, Connection link, const std::string& name) {
        return std::make_unique<ScpiMeter>(clock, needed(std::move(link.bytes), name, driver, of_bytes),
                                           identity, name);
    };
    kind.imitate = [model](const ImitatedLink& link, Terminals& terminals) {
        return in_bytes<Keysight34461aTwin>(link, Wire::lan(), terminals, model);
    };
    return kind;
}

/// What a lit or closed input shows at an analogue terminal: all there is, or nothing.
constexpr int numato_full_counts = 1023;

IoBoardKind numato_board() {
    IoBoardKind kind;
    kind.open = [](Clock& clock, Connection link, const std::string& name, const Fixture::IoBoard& board) {
        return std::make_unique<NumatoBoard>(
            clock, needed(std::move(link.bytes), name, "numato-board", "serial:…, pty:…, tcp:…"), name,
            board.relays, board.full_scale);
    };
    kind.imitate = [](const ImitatedLink& link, const Fixture::IoBoard& board, const IoBoardWires& wires) {
        const Wire wire = memory_wire(link.address, Wire::serial(numato_baud));
        MemoryLink wired = memory_link(link.clock, wire, link.name);
        auto twin = std::make_shared<NumatoBoardTwin>(link.clock, std::move(wired.far), board.relays);
        twin->after_switching = [wires, &twin = *twin] {
            for (const auto& [number, output] : wires.relays)
                output->drive(twin.relays.at(static_cast<std::size_t>(number)));
        };
        twin->before_reading = [wires, &twin = *twin] {
            twin.lines = 0;
            for (const auto& [number, high] : wires.lines)
                if (high()) twin.lines = static_cast<std::uint16_t>(twin.lines | 1u << number);
            for (const auto& [number, high] : wires.analogue)
                twin.analogue_counts.at(static_cast<std::size_t>(number)) = high() ? numato_full_counts : 0;
        };
        return Imitation{std::move(twin), {std::move(wired.near), nullptr}, wire};
    };
    return kind;
}

}  // namespace

SupplyKind supply_kind(const Fixture& fixture, const Fixture::Supply& supply, const ProjectFolder& project) {
    if (supply.driver == "scpi-supply") return scpi_supply(dialect_of(fixture, supply.dialect, project));
    using Make = SupplyKind (*)(const Fixture::Supply&);
    static const std::map<std::string, Make> kinds{
        {"korad-ka3005p", korad_ka3005p}, {"riden-rd60xx", riden_rd60xx}, {"sigrok", sigrok}};
    return kinds.at(supply.driver)(supply);
}

std::string imitated_dialects() {
    std::string names;
    for (const auto& [name, imitate] : dialect_twins())
        names += (names.empty() ? "" : ", ") + name;
    return names;
}

SourceKind source_kind(const std::string& driver) {
    using Make = SourceKind (*)();
    static const std::map<std::string, Make> kinds{{"keithley-2400", keithley_2400}};
    return kinds.at(driver)();
}

MeterKind meter_kind(const std::string& driver) {
    using Model = Keysight34461aTwin::Model;
    static const std::map<std::string, MeterKind> kinds{
        {"keysight-34461a", scpi_meter("keysight-34461a", "34461A", Model::keysight_34461a)},
        {"siglent-sdm", scpi_meter("siglent-sdm", "SDM3", Model::siglent_sdm3055)}};
    return kinds.at(driver);
}

IoBoardKind io_board_kind(const std::string& driver) {
    using Make = IoBoardKind (*)();
    static const std::map<std::string, Make> kinds{{"numato-board", numato_board}};
    return kinds.at(driver)();
}

}  // namespace rig
