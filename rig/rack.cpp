// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/rack.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fixtures/current_injector.hpp"
#include "fixtures/temperature_forcer.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {

namespace {

// As take_down has it: what plays sensors first and together, then the cells, the highest ones first.
constexpr int sensors_turn = 0, temperatures_turn = 1, first_units_turn = 1000;

}  // namespace

Rack::Rack(Bench& bench, const Fixture& fixture, const ProjectFolder& project, NotOpened* not_opened)
    : bench_(bench),
      fixture_(fixture),
      not_opened_(not_opened),
      supply_kind_(supply_kind(fixture, project)),
      envelope_(fixture) {
}

Rack::~Rack() = default;

std::vector<Rack::Unit> Rack::units(const Fixture& fixture, const SupplyKind& kind) {
    const int per_unit = fixture.cells.channels.value_or(kind.channels);
    if (per_unit > kind.channels) {
        throw FixtureError(fmt::format("{}: [cells] channels = {}: its units have {}\n  allowed  1 to {}",
                                       fixture.file.string(), per_unit, kind.channels, kind.channels));
    }
    std::vector<Unit> units;
    for (int first = 1; first <= fixture.pack.cells; first += per_unit) {
        const int unit = (first - 1) / per_unit + 1;
        const int channels = std::min(per_unit, fixture.pack.cells - first + 1);
        units.push_back({unit, first, channels, fmt::format("cell supply {}", unit)});
    }
    return units;
}

void Rack::add_cells(const std::function<Connection(const SupplyKind&, const Unit&)>& connect) {
    for (const Unit& unit : units(fixture_, supply_kind_))
        or_note(unit.name, [&] { add_unit(unit, connect); });
}

void Rack::add_unit(const Unit& unit,
                    const std::function<Connection(const SupplyKind&, const Unit&)>& connect) {
    supplies_.push_back(
        supply_kind_.open(*bench_.clock, connect(supply_kind_, unit), unit.name, unit.channels));
    check_abilities(supplies_.back()->channel(1).abilities());
    note(supplies_.back()->identity());
    hand_over(unit.name, first_units_turn - unit.unit, *supplies_.back());
    for (int i = 1; i <= unit.channels; ++i) {
        bench_.cells.push_back(&envelope_.next_cell(supplies_.back()->channel(i)));
        bench_.instrument_of[fmt::format("cell[{}]", bench_.cells.size())] = unit.name;
    }
}

void Rack::or_note(const std::string& name, const std::function<void()>& open) {
    open_or_note(not_opened_, name, open);
}

void open_or_note(NotOpened* not_opened, const std::string& name, const std::function<void()>& open) {
    if (not_opened == nullptr) {
        open();
        return;
    }
    try {
        open();
    } catch (const InstrumentError& failure) {
        not_opened->emplace_back(name, failure.what());
    }
}

void Rack::hand_over(const std::string& name, int turn, const Guarded& instrument) const {
    if (handover_) handover_(name, turn, instrument);
}

void Rack::note(const InstrumentIdentity& identity) {
    if (!identity.answer.empty()) bench_.instruments.push_back(identity);
}

void Rack::check_abilities(const SupplyAbilities& abilities) const {
    const auto& cells = fixture_.cells;
    const auto check = [&](bool wanted, bool able, const char* key) {
        if (!wanted || able) return;
        throw FixtureError(fmt::format(
            "{}: [cells] {}: a {} cannot do that\n  try     leave it out, or take "
            "another supply",
            fixture_.file.string(), key, cells.driver == "scpi-supply" ? cells.dialect : cells.driver));
    };
    check(cells.over_voltage_v.has_value(), abilities.over_voltage, "over_voltage_v");
    check(cells.over_current_a.has_value(), abilities.over_current, "over_current_a");
    check(cells.watchdog_s.has_value(), abilities.watchdog, "watchdog_s");
}

SourceMeter& Rack::add_source(const std::string& driver, const std::string& name, int turn,
                              const ConnectSource& connect) {
    const SourceKind kind = source_kind(driver);
    sources_.push_back(kind.open(*bench_.clock, connect(kind, name), name));
    note(sources_.back()->identity());
    hand_over(name, turn, *sources_.back());
    return *sources_.back();
}

void Rack::add_sensor(int number, const ConnectSource& connect) {
    const std::string name = fmt::format("injector {}", number);
    or_note(name, [&] {
        put_sensor(number, add_source(fixture_.sensors.at(number).driver, name, sensors_turn, connect));
    });
}

void Rack::put_sensor(int number, SourceMeter& source) {
    const Fixture::Sensor& sensor = fixture_.sensors.at(number);
    if (sensor.turns)
        injectors_.push_back(std::make_unique<WoundInjector>(source, *sensor.turns, sensor.compliance));
    else
        injectors_.push_back(std::make_unique<TransducerInjector>(source, *sensor.amperes_per_volt));
    bench_.sensors[number] = &envelope_.sensor(number, *injectors_.back());
    bench_.instrument_of[fmt::format("sensor[{}]", number)] = fmt::format("injector {}", number);
}

void Rack::add_temperature(int board, const ConnectSource& connect) {
    const std::string name = fmt::format("temperature source {}", board);
    or_note(name, [&] {
        SourceMeter& source = add_source(fixture_.temperature->driver, name, temperatures_turn, connect);
        forcers_.push_back(std::make_unique<LiftedTemperature>(source, fixture_.temperature->volts_per_k,
                                                               fixture_.virtual_bench.ambient));
        bench_.temperatures[board] = &envelope_.temperature(board, *forcers_.back());
        bench_.instrument_of[fmt::format("temperature[{}]", board)] = name;
    });
}

void Rack::add_meter(int board,
                     const std::function<Connection(const MeterKind&, const std::string& name)>& connect) {
    if (board > fixture_.pack.cells) return;
    const std::string name = fmt::format("meter {}", board);
    or_note(name, [&] {
        const Fixture::Meter& wanted = fixture_.meters.at(board);
        const MeterKind kind = meter_kind(wanted.driver);
        Voltmeter& meter = *meters_.emplace_back(kind.open(*bench_.clock, connect(kind, name), name));
        meter.measure_up_to(wanted.range, wanted.line_cycles);
        note(meter.identity());
        bench_.meters[board] = &meter;
        bench_.instrument_of[fmt::format("meter[{}]", board)] = name;
    });
}

}  // namespace rig
