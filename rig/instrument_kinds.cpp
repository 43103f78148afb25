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
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/twins/keithley_2400.hpp"
#include "instruments/twins/ngi_n83624.hpp"

namespace rig {

namespace {

constexpr int keithley_baud = 57600;

/// A twin that speaks in bytes: made with its end of a link, what it is clamped to, and its seed.
template <class Twin, class Clamped>
Imitation in_bytes(const ImitatedLink& link, const Wire& usual, Clamped&& clamped) {
    MemoryLink wired = memory_link(link.clock, memory_wire(link.address, usual), link.name);
    auto twin =
        std::make_shared<Twin>(link.clock, std::move(wired.far), std::forward<Clamped>(clamped), link.seed);
    return {std::move(twin), {std::move(wired.near), nullptr}};
}

/// The dialect that the fixture names, or what it could have named.
ScpiDialect dialect_of(const Fixture& fixture, const ProjectFolder& project) {
    const auto folder = project.root / "fixtures" / "dialects";
    const auto file = folder / (fixture.cells.dialect + ".toml");
    if (std::filesystem::is_regular_file(file)) return load_dialect(file);
    std::set<std::string> known;
    for (const auto& other : std::filesystem::directory_iterator(folder))
        if (other.path().extension() == ".toml") known.insert(other.path().stem().string());
    throw FixtureError(fmt::format("{}: [cells] dialect = \"{}\" is not known\n  allowed  {}",
                                   fixture.file.string(), fixture.cells.dialect, fmt::join(known, ", ")));
}

SupplyKind scpi_supply(const Fixture& fixture, const ProjectFolder& project) {
    const ScpiDialect dialect = dialect_of(fixture, project);
    SupplyKind kind;
    kind.channels = dialect.channels;
    kind.open = [dialect](Clock& clock, Connection link, const std::string& name, int channels) {
        return std::make_unique<ScpiSupply>(clock, std::move(link.bytes), dialect, name, channels);
    };
    if (dialect.name == "ngi-n83624") {
        kind.imitate = [](const ImitatedLink& link, std::vector<Terminals*> terminals) {
            return in_bytes<NgiN83624Twin>(link, Wire::lan(), std::move(terminals));
        };
    }
    return kind;
}

SourceKind keithley_2400() {
    SourceKind kind;
    kind.open = [](Clock& clock, Connection link, const std::string& name) {
        return std::make_unique<Keithley2400>(clock, std::move(link.bytes), name);
    };
    kind.imitate = [](const ImitatedLink& link, Terminals& terminals) {
        return in_bytes<Keithley2400Twin>(link, Wire::serial(keithley_baud), terminals);
    };
    return kind;
}

}  // namespace

SupplyKind supply_kind(const Fixture& fixture, const ProjectFolder& project) {
    using Make = SupplyKind (*)(const Fixture&, const ProjectFolder&);
    static const std::map<std::string, Make> kinds{{"scpi-supply", scpi_supply}};
    return kinds.at(fixture.cells.driver)(fixture, project);
}

SourceKind source_kind(const std::string& driver) {
    using Make = SourceKind (*)();
    static const std::map<std::string, Make> kinds{{"keithley-2400", keithley_2400}};
    return kinds.at(driver)();
}

}  // namespace rig
