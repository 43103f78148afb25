// SPDX-License-Identifier: GPL-3.0-or-later
// The only file that names concrete drivers and twins.
#include "rig/open_bench.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fixtures/boards/app_client.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "fixtures/boards/first_ext_reader.hpp"
#include "fixtures/boards/service_line.hpp"
#include "fixtures/current_injector.hpp"
#include "fixtures/dialect_file.hpp"
#include "fixtures/envelope.hpp"
#include "fixtures/sensor_adaptor.hpp"
#include "fixtures/temperature_forcer.hpp"
#include "fixtures/virtual/virtual_bench.hpp"
#include "instruments/drivers/keithley_2400.hpp"
#include "instruments/drivers/scpi_supply.hpp"
#include "instruments/links/memory_link.hpp"
#include "instruments/twins/keithley_2400.hpp"
#include "instruments/twins/ngi_n83624.hpp"
#include "rig/take_up.hpp"

namespace rig {

namespace {

constexpr int keithley_baud = 57600;

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
        : fixture_(fixture), seed_(seed), boards_(setup_of(fixture, project, seed)), envelope_(fixture) {
        profile = fixture.profile;
        clock = &boards_.clock();
        wire_cells(project);
        for (const auto& [number, sensor] : fixture.sensors)
            wire_sensor(number, sensor);
        if (fixture.temperature) {
            for (int board = 1; board <= fixture.pack.cells; ++board)
                wire_temperature(board);
        }
        for (const std::string& name : boards_.input_names())
            inputs[name] = &boards_.input(name);
        for (const std::string& name : boards_.output_names())
            outputs[name] = &boards_.output(name);
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

    void make_safe() override { take_down(*this); }
    std::vector<std::string> condemnations() const override { return boards_.condemnations(); }
    void reseed(std::uint64_t seed) override { boards_.reseed(seed); }
    std::vector<InstrumentIdentity> instruments() const override {
        std::vector<InstrumentIdentity> all;
        for (const auto& supply : supplies_)
            all.push_back(supply->identity());
        for (const auto& source : sources_)
            all.push_back(source->identity());
        return all;
    }

private:
    void wire_cells(const ProjectFolder& project) {
        if (fixture_.cells.dialect != "ngi-n83624") {
            throw FixtureError(
                fmt::format("{}: [cells] dialect = \"{}\" has no simulated twin\n  allowed  ngi-n83624",
                            fixture_.file.string(), fixture_.cells.dialect));
        }
        const ScpiDialect dialect =
            load_dialect(project.root / "fixtures" / "dialects" / (fixture_.cells.dialect + ".toml"));
        constexpr int per_unit = NgiN83624Twin::channels;
        for (int first = 1; first <= fixture_.pack.cells; first += per_unit) {
            const int channels = std::min(per_unit, fixture_.pack.cells - first + 1);
            const int unit = (first - 1) / per_unit + 1;
            std::vector<Terminals*> terminals;
            terminals.reserve(static_cast<std::size_t>(channels));
            for (int i = 0; i < channels; ++i)
                terminals.push_back(&boards_.cell_terminals(first + i));
            const std::string name = fmt::format("cell supply {}", unit);
            MemoryLink link =
                memory_link(*clock, memory_wire(fixture_.cells.link, Wire::lan()), "memory:" + name);
            supply_twins_.push_back(std::make_unique<NgiN83624Twin>(
                *clock, std::move(link.far), std::move(terminals), unit_seed(seed_, 1, unit)));
            supplies_.push_back(
                std::make_unique<ScpiSupply>(*clock, std::move(link.near), dialect, name, channels));
            for (int i = 1; i <= channels; ++i)
                cells.push_back(&envelope_.next_cell(supplies_.back()->channel(i)));
        }
    }

    SourceMeter& keithley(const std::string& link_text, Terminals& terminals, const std::string& name,
                          std::uint64_t seed) {
        MemoryLink link =
            memory_link(*clock, memory_wire(link_text, Wire::serial(keithley_baud)), "memory:" + name);
        source_twins_.push_back(
            std::make_unique<Keithley2400Twin>(*clock, std::move(link.far), terminals, seed));
        sources_.push_back(std::make_unique<Keithley2400>(*clock, std::move(link.near), name));
        return *sources_.back();
    }

    void wire_sensor(int number, const Fixture::Sensor& sensor) {
        Terminals& primary = boards_.sensor_primary(number);
        const std::string name = fmt::format("injector {}", number);
        const std::uint64_t seed = unit_seed(seed_, 2, number);
        if (sensor.turns) {
            adaptors_.push_back(std::make_unique<WoundConductor>(primary, *sensor.turns));
            SourceMeter& source = keithley(sensor.link, *adaptors_.back(), name, seed);
            injectors_.push_back(std::make_unique<WoundInjector>(source, *sensor.turns, sensor.compliance));
        } else {
            adaptors_.push_back(std::make_unique<TransducerInput>(primary, *sensor.amperes_per_volt));
            SourceMeter& source = keithley(sensor.link, *adaptors_.back(), name, seed);
            injectors_.push_back(std::make_unique<TransducerInjector>(source, *sensor.amperes_per_volt));
        }
        sensors[number] = &envelope_.sensor(number, *injectors_.back());
    }

    void wire_temperature(int board) {
        SourceMeter& source =
            keithley(fixture_.temperature->link, boards_.temperature_lift(board),
                     fmt::format("temperature source {}", board), unit_seed(seed_, 3, board));
        forcers_.push_back(std::make_unique<LiftedTemperature>(source, fixture_.temperature->volts_per_k,
                                                               fixture_.virtual_bench.ambient));
        temperatures[board] = &envelope_.temperature(board, *forcers_.back());
    }

    // In the order in which they are built on one another: drivers go before the boards they are clamped to.
    Fixture fixture_;
    std::uint64_t seed_;
    VirtualBench boards_;
    std::vector<std::unique_ptr<Terminals>> adaptors_;
    std::vector<std::unique_ptr<NgiN83624Twin>> supply_twins_;
    std::vector<std::unique_ptr<Keithley2400Twin>> source_twins_;
    std::vector<std::unique_ptr<ScpiSupply>> supplies_;
    std::vector<std::unique_ptr<Keithley2400>> sources_;
    std::vector<std::unique_ptr<CurrentInjector>> injectors_;
    std::vector<std::unique_ptr<TemperatureForcer>> forcers_;
    Envelope envelope_;
    std::unique_ptr<AppClient> app_;
    std::unique_ptr<ServiceLine> service_, app_service_;
    std::unique_ptr<ExtReader> ext_;
    std::unique_ptr<FirstExtReader> first_ext_;
};

}  // namespace

std::unique_ptr<Bench> open_bench(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed) {
    return std::make_unique<OpenedVirtualBench>(fixture, project, seed);
}

}  // namespace rig
