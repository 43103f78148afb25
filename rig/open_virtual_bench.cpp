// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/open_virtual_bench.hpp"

#include <fmt/format.h>

#include "fixtures/boards/app_client.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "fixtures/boards/first_ext_reader.hpp"
#include "fixtures/boards/service_line.hpp"
#include "fixtures/sensor_adaptor.hpp"
#include "fixtures/virtual/virtual_bench.hpp"
#include "rig/rack.hpp"
#include "rig/take_up.hpp"
#include "rig/wiring.hpp"

namespace rig {

namespace {

/// Which unit's errors a twin draws: each instrument is another one, and the same one with the same seed.
constexpr std::uint64_t unit_seed(std::uint64_t seed, std::uint64_t kind, int number) {
    return seed * 0x9e3779b97f4a7c15U ^ kind << 32 ^ static_cast<std::uint64_t>(number);
}

VirtualBenchSetup setup_of(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed) {
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

/// Simulated boards, and simulated instruments on their terminals behind the
/// drivers and links that a real bench has.
class OpenedVirtualBench : public Bench {
public:
    OpenedVirtualBench(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed)
        : fixture_(fixture),
          seed_(seed),
          boards_(setup_of(fixture, project, seed)),
          rack_(*this, fixture_, project),
          wiring_(*this, fixture_) {
        profile = fixture.profile;
        clock = &boards_.clock();
        wire_cells();
        for (const auto& [number, sensor] : fixture_.sensors)
            wire_sensor(number, sensor);
        if (fixture.temperature) {
            for (int board = 1; board <= fixture.pack.cells; ++board)
                wire_temperature(board);
        }
        for (const std::string& name : boards_.input_names())
            inputs[name] = &boards_.input(name);
        for (const std::string& name : boards_.output_names())
            outputs[name] = &boards_.output(name);
        wiring_.add_boards([&](const IoBoardKind& kind, const std::string& name, const auto& board) {
            return imitate(kind.imitate(link(board.link, "io board " + name, 4, 1), board, wires_to(name)));
        });
        for (int from = 1; from < fixture.pack.cells; ++from)
            chain_taps[from] = &boards_.chain_tap(from);
        for (int board = 1; board <= fixture.pack.cells; ++board)
            probes[board] = &boards_.probe(board);
        app_ = std::make_unique<AppClient>(*clock, boards_.app_line(), profile);
        ext_ = std::make_unique<ExtReader>(*clock, boards_.ext_line());
        service_input = &boards_.service_line();
        service_ = std::make_unique<ChainService>(
            *clock, *service_input, boards_.chain_ear(fixture.pack.cells - 1), *app_, fixture.pack.cells);
        app_service_ = std::make_unique<AppServiceLine>(*app_);
        service = service_.get();
        app_service = app_service_.get();
        if (ByteLink* const line = boards_.first_ext_line())
            first_ext_ = std::make_unique<FirstExtReader>(*clock, *line);
        app = app_.get();
        ext = ext_.get();
        first_ext = first_ext_.get();
        plant = &boards_.truth();
    }

    void make_safe() override { take_down_with(*this, wiring_); }
    std::vector<std::string> condemnations() const override { return boards_.condemnations(); }
    void reseed(std::uint64_t seed) override { boards_.reseed(seed); }

private:
    Connection imitate(Imitation imitation) {
        twins_.push_back(std::move(imitation.twin));
        return std::move(imitation.near);
    }

    ImitatedLink link(const LinkAddress& address, const std::string& name, std::uint64_t kind, int number) {
        return {*clock, address, "memory:" + name, unit_seed(seed_, kind, number)};
    }

    void wire_cells() {
        rack_.add_cells([&](const SupplyKind& kind, const Rack::Unit& unit) {
            if (!kind.imitate) {
                throw FixtureError(
                    fmt::format("{}: [cells] dialect = \"{}\" has no simulated twin\n  allowed  {}",
                                fixture_.file.string(), fixture_.cells.dialect, imitated_dialects()));
            }
            std::vector<Terminals*> terminals;
            for (int i = 0; i < unit.channels; ++i)
                terminals.push_back(&boards_.cell_terminals(unit.first + i));
            // One link in memory is as good as the next.
            const auto& links = fixture_.cells.links;
            const auto& address = links.at(static_cast<std::size_t>(unit.unit - 1) % links.size());
            return imitate(kind.imitate(link(address, unit.name, 1, unit.unit), std::move(terminals)));
        });
    }

    void wire_sensor(int number, const Fixture::Sensor& sensor) {
        Terminals& primary = boards_.sensor_primary(number);
        if (sensor.turns)
            adaptors_.push_back(std::make_unique<WoundConductor>(primary, *sensor.turns));
        else
            adaptors_.push_back(std::make_unique<TransducerInput>(primary, *sensor.amperes_per_volt));
        rack_.add_sensor(number, [&](const SourceKind& kind, const std::string& name) {
            return imitate(kind.imitate(link(sensor.link, name, 2, number), *adaptors_.back()));
        });
    }

    void wire_temperature(int board) {
        rack_.add_temperature(board, [&](const SourceKind& kind, const std::string& name) {
            return imitate(kind.imitate(link(fixture_.temperature->links.front(), name, 3, board),
                                        boards_.temperature_lift(board)));
        });
    }

    /// What of the plant stands at the I/O board's terminals.
    IoBoardWires wires_to(const std::string& board) {
        IoBoardWires wires;
        for (const auto& [signal, line] : fixture_.lines) {
            if (line.target != board) continue;
            const auto input = inputs.find(signal);
            const auto output = outputs.find(signal);
            if (input == inputs.end() && output == outputs.end())
                throw FixtureError(
                    fmt::format("{}: [lines] {}: no {} board has such a line\n  try     leave it out",
                                fixture_.file.string(), signal, profile));
            if (line.channel == LineAddress::Channel::relay) {
                wires.relays[line.number] = output->second;
                continue;
            }
            const auto high = [&plant = *input->second, low = line.active_low] {
                return plant.active() != low;
            };
            (line.channel == LineAddress::Channel::line ? wires.lines : wires.analogue)[line.number] = high;
        }
        return wires;
    }

    // In the order in which they are built on one another: drivers go before the boards they are clamped to.
    Fixture fixture_;
    std::uint64_t seed_;
    VirtualBench boards_;
    std::vector<std::unique_ptr<Terminals>> adaptors_;
    std::vector<std::shared_ptr<void>> twins_;
    Rack rack_;
    Wiring wiring_;
    std::unique_ptr<AppClient> app_;
    std::unique_ptr<ServiceLine> service_, app_service_;
    std::unique_ptr<ExtReader> ext_;
    std::unique_ptr<FirstExtReader> first_ext_;
};

}  // namespace

std::unique_ptr<Bench> open_virtual_bench(const Fixture& fixture, const ProjectFolder& project,
                                          std::uint64_t seed) {
    return std::make_unique<OpenedVirtualBench>(fixture, project, seed);
}

}  // namespace rig
