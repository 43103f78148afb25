// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/fixture.hpp"
#include "instruments/connection.hpp"
#include "instruments/io_board.hpp"
#include "instruments/source_meter.hpp"
#include "instruments/supply_unit.hpp"
#include "instruments/terminals.hpp"
#include "instruments/voltmeter.hpp"
#include "rig/project_folder.hpp"

namespace rig {

/// An instrument's twin and the rig's end of the link to it, which goes first.
struct Imitation {
    std::shared_ptr<void> twin;
    Connection near;
    Wire wire;                                           ///< what the link imitates
    std::shared_ptr<RegisterSpace> registers = nullptr;  ///< the twin's, where `near` leads to registers
};

/// A link in memory for a twin: as the fixture has it, what messages call it, and which
/// unit of its kind the twin is.
struct ImitatedLink {
    Clock& clock;
    LinkAddress address;
    std::string name;
    std::uint64_t seed = 0;
};

/// What a supply's driver and dialect stand for.
struct SupplyKind {
    int channels = 1;  ///< of each unit
    /// Identifies the unit and leaves the first `channels` of its channels verified off.
    std::function<std::unique_ptr<SupplyUnit>(Clock&, Connection, const std::string& name, int channels)>
        open;
    /// Empty: no twin.
    std::function<Imitation(const ImitatedLink&, std::vector<Terminals*>)> imitate;
};

/// What a sensor's or the temperatures' driver stands for.
struct SourceKind {
    std::function<std::unique_ptr<SourceMeter>(Clock&, Connection, const std::string& name)> open;
    std::function<Imitation(const ImitatedLink&, Terminals&)> imitate;
};

/// What a meter's driver stands for.
struct MeterKind {
    std::function<std::unique_ptr<Voltmeter>(Clock&, Connection, const std::string& name)> open;
    std::function<Imitation(const ImitatedLink&, Terminals&)> imitate;
};

/// What stands at an I/O board's terminals, by channel, on a virtual bench: what its relays drive, and
/// whether its inputs are high.
struct IoBoardWires {
    std::map<int, DigitalOutput*> relays;
    std::map<int, std::function<bool()>> lines, analogue;
};

/// What messages call the board [io.desk].
inline std::string io_board_name(const std::string& name) {
    return "I/O board " + name;
}

/// What an I/O board's driver stands for.
struct IoBoardKind {
    std::function<std::unique_ptr<IoBoard>(Clock&, Connection, const std::string& name,
                                           const Fixture::IoBoard&)>
        open;
    std::function<Imitation(const ImitatedLink&, const Fixture::IoBoard&, IoBoardWires)> imitate;
};

/// Throws FixtureError where there is no such dialect.
SupplyKind supply_kind(const Fixture& fixture, const Fixture::Supply& supply, const ProjectFolder& project);
SourceKind source_kind(const std::string& driver);
MeterKind meter_kind(const std::string& driver);
IoBoardKind io_board_kind(const std::string& driver);

/// The dialects whose instruments have twins: "bloomy-abs, …".
std::string imitated_dialects();

}  // namespace rig
