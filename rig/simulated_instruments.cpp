// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/simulated_instruments.hpp"

#include <fmt/format.h>

#include "fixtures/sensor_adaptor.hpp"
#include "fixtures/signal_names.hpp"

namespace rig {

namespace {

/// Which unit's errors a twin draws: each instrument is another one, and the same one with the same seed.
constexpr std::uint64_t unit_seed(std::uint64_t seed, std::uint64_t kind, int number) {
    return seed * 0x9e3779b97f4a7c15U ^ kind << 32 ^ static_cast<std::uint64_t>(number);
}

/// What a meter hangs on: a board's own ends of its leads, from which it takes nothing.
class BoardEnds : public Terminals {
public:
    BoardEnds(VirtualBench& boards, int board) : boards_(boards), board_(board) {}

    void drive(const Drive&) override {}
    Volts voltage() const override { return boards_.truth().reading(board_, boards_.clock().now()).voltage; }
    Amperes current() const override { return {}; }

private:
    VirtualBench& boards_;
    int board_;
};

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

SimulatedInstruments::SimulatedInstruments(VirtualBench& boards, const Fixture& fixture,
                                           const ProjectFolder& project, std::uint64_t seed)
    : boards_(boards), fixture_(fixture), project_(project), seed_(seed), faults_(fixture, boards.clock()) {
}

SimulatedInstruments::~SimulatedInstruments() = default;

ImitatedLink SimulatedInstruments::link(const LinkAddress& address, const std::string& name,
                                        std::uint64_t kind, int number) {
    return {boards_.clock(), address, "memory:" + name, unit_seed(seed_, kind, number)};
}

Imitation SimulatedInstruments::kept(const std::string& name, Imitation imitation) {
    twins_.push_back(imitation.twin);
    imitation.near = faults_.link(name, std::move(imitation.near));
    return imitation;
}

Terminals& SimulatedInstruments::cell_terminals(int cell) {
    const int board = faults_.board_at(cell);
    return faults_.leads(board, boards_.cell_terminals(board));
}

Imitation SimulatedInstruments::source(const SourceKind& kind, const ImitatedLink& wired,
                                       const std::string& name, Terminals& terminals) {
    if (faults_.is_another(name))
        return kept(name, supply_kind(fixture_, fixture_.cells, project_).imitate(wired, {&terminals}));
    return kept(name, kind.imitate(wired, terminals));
}

Imitation SimulatedInstruments::cells(const Rack::Unit& unit) {
    if (!unit.kind.imitate) {
        const Fixture::Supply& supply = fixture_.cells.unit(unit.unit);
        if (supply.driver != "scpi-supply")
            throw FixtureError(
                fmt::format("{}: [cells] driver = \"{}\" has no simulated twin\n  allowed  bench = \"real\" "
                            "and a link of its own",
                            fixture_.file.string(), supply.driver));
        throw FixtureError(fmt::format("{}: [cells] dialect = \"{}\" has no simulated twin\n  allowed  {}",
                                       fixture_.file.string(), supply.dialect, imitated_dialects()));
    }
    std::vector<Terminals*> terminals;
    for (int i = 0; i < unit.channels; ++i)
        terminals.push_back(&cell_terminals(unit.first + i));
    // One link in memory is as good as the next.
    const auto& links = fixture_.cells.links;
    const auto& address = links.at(static_cast<std::size_t>(unit.unit - 1) % links.size());
    const ImitatedLink wired = link(address, unit.name, 1, unit.unit);
    if (faults_.is_another(unit.name))
        return kept(unit.name, source_kind("keithley-2400").imitate(wired, *terminals.front()));
    return kept(unit.name, unit.kind.imitate(wired, std::move(terminals)));
}

Imitation SimulatedInstruments::sensor(int number, const SourceKind& kind, const std::string& name) {
    const Fixture::Sensor& sensor = fixture_.sensors.at(number);
    Terminals& primary = faults_.sensor(number, boards_.sensor_primary(number));
    if (sensor.turns)
        adaptors_.push_back(std::make_unique<WoundConductor>(primary, *sensor.turns));
    else
        adaptors_.push_back(std::make_unique<TransducerInput>(primary, *sensor.amperes_per_volt));
    return source(kind, link(sensor.link, name, 2, number), name, *adaptors_.back());
}

Imitation SimulatedInstruments::temperature(int board, const SourceKind& kind, const std::string& name) {
    return source(kind, link(fixture_.temperature->links.front(), name, 3, board), name,
                  boards_.temperature_lift(board));
}

Imitation SimulatedInstruments::meter(int board, const MeterKind& kind, const std::string& name) {
    adaptors_.push_back(std::make_unique<BoardEnds>(boards_, board));
    Terminals& ends = faults_.meter(board, *adaptors_.back());
    const ImitatedLink wired = link(fixture_.meters.at(board).link, name, 5, board);
    if (faults_.is_another(name)) return kept(name, source_kind("keithley-2400").imitate(wired, ends));
    return kept(name, kind.imitate(wired, ends));
}

PlantLines SimulatedInstruments::lines() {
    PlantLines lines;
    for (const std::string& name : boards_.input_names())
        lines.inputs[name] = &faults_.input(name, boards_.input(faults_.wired_to(name)));
    for (const std::string& name : boards_.output_names())
        lines.outputs[name] = &faults_.output(name, boards_.output(name));
    for (const auto& [name, contact] : fixture_.interlocks) {
        const std::string signal = interlock_signal(name);
        lines.inputs[signal] = &faults_.input(signal, faults_.interlock(name));
    }
    return lines;
}

Imitation SimulatedInstruments::io_board(const std::string& name, const IoBoardKind& kind,
                                         const PlantLines& lines) {
    IoBoardWires wires;
    for (const auto& [signal, line] : fixture_.lines) {
        if (line.target != name) continue;
        const auto input = lines.inputs.find(signal);
        const auto output = lines.outputs.find(signal);
        if (input == lines.inputs.end() && output == lines.outputs.end())
            throw FixtureError(
                fmt::format("{}: [lines] {}: no {} board has such a line\n  try     leave it out",
                            fixture_.file.string(), signal, fixture_.profile));
        if (line.channel == LineAddress::Channel::relay) {
            wires.relays[line.number] = output->second;
            continue;
        }
        const auto high = [&plant = *input->second, low = line.active_low] { return plant.active() != low; };
        (line.channel == LineAddress::Channel::line ? wires.lines : wires.analogue)[line.number] = high;
    }
    const Fixture::IoBoard& board = fixture_.io.at(name);
    const auto called = io_board_name(name);
    return kept(called, kind.imitate(link(board.link, called, 4, 1), board, wires));
}

}  // namespace rig
