// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/rack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "fixtures/current_injector.hpp"
#include "fixtures/temperature_forcer.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {

namespace {

// As take_down has it: what plays sensors first and together, then the cells, the highest ones first.
constexpr int sensors_turn = 0, temperatures_turn = 1, first_units_turn = 1000;

const std::string& make_of(const Fixture::Supply& supply) {
    return supply.driver == "scpi-supply" ? supply.dialect : supply.driver;
}

}  // namespace

Rack::Rack(Bench& bench, const Fixture& fixture, const ProjectFolder& project, NotOpened* not_opened)
    : bench_(bench),
      fixture_(fixture),
      not_opened_(not_opened),
      units_(units(fixture, project)),
      envelope_(fixture) {
}

Rack::~Rack() = default;

std::vector<Rack::Unit> Rack::units(const Fixture& fixture, const ProjectFolder& project) {
    const char* const table = fixture.cells.units.empty() ? "[cells]" : "[[cells.unit]]";
    std::map<std::tuple<std::string, std::string, std::optional<int>>, SupplyKind> kinds;
    std::vector<Unit> units;
    for (int first = 1, number = 1; first <= fixture.pack.cells; ++number) {
        const Fixture::Supply& supply = fixture.cells.unit(number);
        SupplyKind& kind = kinds[{supply.driver, supply.dialect, supply.channels}];
        if (!kind.open) kind = supply_kind(fixture, supply, project);
        const int has = supply.channels.value_or(kind.channels);
        if (has > kind.channels) {
            throw FixtureError(fmt::format("{}: {} channels = {}: {} has {}\n  allowed  1 to {}",
                                           fixture.file.string(), table, has, make_of(supply), kind.channels,
                                           kind.channels));
        }
        const int channels = std::min(has, fixture.pack.cells - first + 1);
        units.push_back({number, first, channels, fmt::format("cell supply {}", number), kind});
        first += channels;
    }
    return units;
}

void Rack::add_cells(const std::function<Connection(const Unit&)>& connect) {
    for (const Unit& unit : units_)
        or_note(unit.name, [&] { add_unit(unit, connect); });
}

void Rack::add_unit(const Unit& unit, const std::function<Connection(const Unit&)>& connect) {
    supplies_.push_back(unit.kind.open(*bench_.clock, connect(unit), unit.name, unit.channels));
    check_abilities(fixture_.cells.unit(unit.unit), supplies_.back()->channel(1).abilities());
    note(supplies_.back()->identity());
    if (hand_over_) hand_over_({unit.name, "cells", first_units_turn - unit.unit}, *supplies_.back());
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

void Rack::note(const InstrumentIdentity& identity) {
    if (!identity.answer.empty()) bench_.instruments.push_back(identity);
}

void Rack::check_abilities(const Fixture::Supply& wanted, const SupplyAbilities& abilities) const {
    const auto check = [&](bool asked, bool able, const char* key) {
        if (!asked || able) return;
        throw FixtureError(
            fmt::format("{}: [cells] {}: a {} cannot do that\n  try     leave it out, or take "
                        "another supply",
                        fixture_.file.string(), key, make_of(wanted)));
    };
    check(wanted.over_voltage_v.has_value(), abilities.over_voltage, "over_voltage_v");
    check(wanted.over_current_a.has_value(), abilities.over_current, "over_current_a");
    check(wanted.watchdog_s.has_value(), abilities.watchdog, "watchdog_s");
}

SourceMeter& Rack::add_source(const std::string& driver, const Place& place, const ConnectSource& connect) {
    const SourceKind kind = source_kind(driver);
    sources_.push_back(kind.open(*bench_.clock, connect(kind, place.name), place.name));
    note(sources_.back()->identity());
    if (hand_over_) hand_over_(place, *sources_.back());
    return *sources_.back();
}

void Rack::add_sensor(int number, const ConnectSource& connect) {
    const std::string name = fmt::format("injector {}", number);
    or_note(name, [&] {
        const Place place{name, fmt::format("sensor.{}", number), sensors_turn};
        put_sensor(number, add_source(fixture_.sensors.at(number).driver, place, connect));
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
        SourceMeter& source =
            add_source(fixture_.temperature->driver, {name, "temperature", temperatures_turn}, connect);
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
