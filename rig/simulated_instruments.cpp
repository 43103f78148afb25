// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/simulated_instruments.hpp"

#include <fmt/format.h>

#include "fixtures/sensor_adaptor.hpp"

namespace rig {

namespace {

/// Which unit's errors a twin draws: each instrument is another one, and the same one with the same seed.
constexpr std::uint64_t unit_seed(std::uint64_t seed, std::uint64_t kind, int number) {
    return seed * 0x9e3779b97f4a7c15U ^ kind << 32 ^ static_cast<std::uint64_t>(number);
}

}  // namespace

VirtualBenchSetup simulated_boards(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed) {
    VirtualBenchSetup setup = fixture.virtual_bench;
    setup.profile = fixture.profile;
    setup.cells = fixture.pack.cells;
    setup.rated_sensor = fixture.pack.sensor;
    setup.seed = seed;
    setup.firmware = project.images / fixture.virtual_bench.firmware;
    for (const char* image : {"first.elf", "middle.elf", "last.elf"}) {
        if (!std::filesystem::is_regular_file(setup.firmware / image)) {
            throw FixtureError(
                fmt::format("{}: there is no firmware image {}\n  try     ./bootstrap build, or another "
                            "[virtual] firmware",
                            fixture.file.string(), (setup.firmware / image).string()));
        }
    }
    return setup;
}

SimulatedInstruments::SimulatedInstruments(VirtualBench& boards, const Fixture& fixture, std::uint64_t seed)
    : boards_(boards), fixture_(fixture), seed_(seed) {
}

SimulatedInstruments::~SimulatedInstruments() = default;

ImitatedLink SimulatedInstruments::link(const LinkAddress& address, const std::string& name,
                                        std::uint64_t kind, int number) {
    return {boards_.clock(), address, "memory:" + name, unit_seed(seed_, kind, number)};
}

Imitation SimulatedInstruments::kept(Imitation imitation) {
    twins_.push_back(imitation.twin);
    return imitation;
}

Imitation SimulatedInstruments::cells(const SupplyKind& kind, const Rack::Unit& unit) {
    if (!kind.imitate) {
        throw FixtureError(fmt::format("{}: [cells] dialect = \"{}\" has no simulated twin\n  allowed  {}",
                                       fixture_.file.string(), fixture_.cells.dialect, imitated_dialects()));
    }
    std::vector<Terminals*> terminals;
    for (int i = 0; i < unit.channels; ++i)
        terminals.push_back(&boards_.cell_terminals(unit.first + i));
    // One link in memory is as good as the next.
    const auto& links = fixture_.cells.links;
    const auto& address = links.at(static_cast<std::size_t>(unit.unit - 1) % links.size());
    return kept(kind.imitate(link(address, unit.name, 1, unit.unit), std::move(terminals)));
}

Imitation SimulatedInstruments::sensor(int number, const SourceKind& kind, const std::string& name) {
    const Fixture::Sensor& sensor = fixture_.sensors.at(number);
    Terminals& primary = boards_.sensor_primary(number);
    if (sensor.turns)
        adaptors_.push_back(std::make_unique<WoundConductor>(primary, *sensor.turns));
    else
        adaptors_.push_back(std::make_unique<TransducerInput>(primary, *sensor.amperes_per_volt));
    return kept(kind.imitate(link(sensor.link, name, 2, number), *adaptors_.back()));
}

Imitation SimulatedInstruments::temperature(int board, const SourceKind& kind, const std::string& name) {
    return kept(kind.imitate(link(fixture_.temperature->links.front(), name, 3, board),
                             boards_.temperature_lift(board)));
}

}  // namespace rig
