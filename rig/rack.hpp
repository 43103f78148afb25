// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fixtures/bench.hpp"
#include "fixtures/envelope.hpp"
#include "fixtures/fixture.hpp"
#include "rig/instrument_kinds.hpp"

namespace rig {

/// What could not be opened and why, by its name in messages.
using NotOpened = std::vector<std::pair<std::string, std::string>>;

/// Opens; where there is a list, what does not open goes there and nothing is thrown.
void open_or_note(NotOpened* not_opened, const std::string& name, const std::function<void()>& open);

/// An instrument's place on the bench: its name in messages, its outputs as [interlock] `cuts` names them,
/// and at which turn of a take-down it goes off: lower ones first, equal ones together.
struct Place {
    std::string name, outputs;
    int turn = 0;

    /// For what the boards' inputs hang on: boards that lived on would take it for an operator's doing.
    static constexpr int last_turn = 10'000;
};

/// Hears how what stands there is switched off.
using HandOver = std::function<void(const Place&, const Guarded&)>;

/// The instruments of a bench: opens them one by one and puts them, inside the fixture's
/// envelope, where a script finds them. How each is reached is the bench's business.
class Rack {
public:
    /// Where it is asked to, it goes on after an instrument that does not open, and says so there.
    Rack(Bench& bench, const Fixture& fixture, const ProjectFolder& project, NotOpened* not_opened);
    ~Rack();

    /// Hears of each instrument once it is open, and verified off. To be set first.
    void on_opened(HandOver hand_over) { hand_over_ = std::move(hand_over); }

    /// Called before anything is driven; throws where nothing may be.
    void only_if(std::function<void()> may_drive) { envelope_.only_if(std::move(may_drive)); }

    /// Unit `unit` (from 1) of the cells' supplies, whose channels stand for cells `first` and up.
    struct Unit {
        int unit, first, channels;
        std::string name;  ///< "cell supply 1"
        SupplyKind kind;
    };
    /// How many of them, and which cells each has: as many units as the pack needs.
    static std::vector<Unit> units(const Fixture& fixture, const ProjectFolder& project);
    void add_cells(const std::function<Connection(const Unit&)>& connect);

    /// A source that plays sensor `number`'s current, or lifts a board's temperature sensor.
    using ConnectSource = std::function<Connection(const SourceKind&, const std::string& name)>;
    void add_sensor(int number, const ConnectSource& connect);
    void add_temperature(int board, const ConnectSource& connect);

    /// A meter at one board's ends of its leads.
    void add_meter(int board,
                   const std::function<Connection(const MeterKind&, const std::string& name)>& connect);

    /// Does it; what an instrument then says of itself goes to `not_opened`, where there is one.
    void or_note(const std::string& name, const std::function<void()>& open);

private:
    void add_unit(const Unit& unit, const std::function<Connection(const Unit&)>& connect);
    void note(const InstrumentIdentity& identity);
    /// Refuses a fixture that asks a supply for what it cannot do.
    void check_abilities(const Fixture::Supply& wanted, const SupplyAbilities& abilities) const;
    void put_sensor(int number, SourceMeter& source);
    SourceMeter& add_source(const std::string& driver, const Place& place, const ConnectSource& connect);

    Bench& bench_;
    const Fixture& fixture_;
    NotOpened* not_opened_;
    HandOver hand_over_;
    std::vector<Unit> units_;
    std::vector<std::unique_ptr<SupplyUnit>> supplies_;
    std::vector<std::unique_ptr<SourceMeter>> sources_;
    std::vector<std::unique_ptr<CurrentInjector>> injectors_;
    std::vector<std::unique_ptr<TemperatureForcer>> forcers_;
    std::vector<std::unique_ptr<Voltmeter>> meters_;
    Envelope envelope_;
};

}  // namespace rig
