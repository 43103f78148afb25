// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/fixture.hpp"
#include "fixtures/virtual/virtual_bench.hpp"
#include "instruments/digital_line.hpp"
#include "instruments/terminals.hpp"
#include "rig/instrument_kinds.hpp"
#include "rig/miswiring.hpp"
#include "rig/rack.hpp"

namespace rig {

/// The boards that a fixture of a virtual bench holds, with this seed's parts. Throws FixtureError where
/// an image is missing.
VirtualBenchSetup simulated_boards(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed);

/// The digital lines of boards and interlocks, as they are wired.
struct PlantLines {
    std::map<std::string, DigitalInput*> inputs;
    std::map<std::string, DigitalOutput*> outputs;
};

/// The instruments of a virtual bench: twins, each clamped to the boards where the fixture wires it. The same
/// seed makes the same units. What the fixture wants wired wrong is. Keeps the twins; what they are clamped
/// to and their clock must live longer.
class SimulatedInstruments {
public:
    SimulatedInstruments(VirtualBench& boards, const Fixture& fixture, const ProjectFolder& project,
                         std::uint64_t seed);
    ~SimulatedInstruments();

    Imitation cells(const Rack::Unit& unit);
    Imitation sensor(int number, const SourceKind& kind, const std::string& name);
    Imitation temperature(int board, const SourceKind& kind, const std::string& name);

    Imitation meter(int board, const MeterKind& kind, const std::string& name);

    PlantLines lines();
    Imitation io_board(const std::string& name, const IoBoardKind& kind, const PlantLines& lines);

    /// For the boards' lines, which may be wired wrong too.
    Miswiring& faults() { return faults_; }

private:
    ImitatedLink link(const LinkAddress& address, const std::string& name, std::uint64_t kind, int number);
    Imitation source(const SourceKind& kind, const ImitatedLink& wired, const std::string& name,
                     Terminals& terminals);
    Imitation kept(const std::string& name, Imitation imitation);
    Terminals& cell_terminals(int cell);

    VirtualBench& boards_;
    const Fixture& fixture_;
    const ProjectFolder project_;
    std::uint64_t seed_;
    Miswiring faults_;
    std::vector<std::unique_ptr<Terminals>> adaptors_;
    std::vector<std::shared_ptr<void>> twins_;
};

}  // namespace rig
