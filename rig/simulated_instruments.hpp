// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fixtures/fixture.hpp"
#include "fixtures/virtual/virtual_bench.hpp"
#include "instruments/terminals.hpp"
#include "rig/instrument_kinds.hpp"
#include "rig/rack.hpp"

namespace rig {

/// The boards that a fixture of a virtual bench holds, with this seed's parts. Throws FixtureError where
/// an image is missing.
VirtualBenchSetup simulated_boards(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed);

/// The instruments of a virtual bench: twins, each clamped to the boards where the fixture wires it. The same
/// seed makes the same units. Keeps them; what they are clamped to and their clock must live longer.
class SimulatedInstruments {
public:
    SimulatedInstruments(VirtualBench& boards, const Fixture& fixture, std::uint64_t seed);
    ~SimulatedInstruments();

    Imitation cells(const SupplyKind& kind, const Rack::Unit& unit);
    Imitation sensor(int number, const SourceKind& kind, const std::string& name);
    Imitation temperature(int board, const SourceKind& kind, const std::string& name);

private:
    ImitatedLink link(const LinkAddress& address, const std::string& name, std::uint64_t kind, int number);
    Imitation kept(Imitation imitation);

    VirtualBench& boards_;
    const Fixture& fixture_;
    std::uint64_t seed_;
    std::vector<std::unique_ptr<Terminals>> adaptors_;
    std::vector<std::shared_ptr<void>> twins_;
};

}  // namespace rig
