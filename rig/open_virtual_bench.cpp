// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/open_virtual_bench.hpp"

#include <optional>

#include "fixtures/boards/app_client.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "fixtures/boards/first_ext_reader.hpp"
#include "fixtures/boards/service_line.hpp"
#include "fixtures/virtual/virtual_bench.hpp"
#include "rig/interlocks.hpp"
#include "rig/rack.hpp"
#include "rig/simulated_instruments.hpp"
#include "rig/take_up.hpp"
#include "rig/wiring.hpp"

namespace rig {

namespace {

/// Simulated boards, and simulated instruments on their terminals behind the
/// drivers and links that a real bench has.
class OpenedVirtualBench : public Bench {
public:
    OpenedVirtualBench(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed,
                       NotOpened* not_opened)
        : fixture_(fixture),
          boards_(simulated_boards(fixture, project, seed)),
          instruments_(boards_, fixture_, project, seed),
          rack_(*this, fixture_, project, not_opened),
          wiring_(*this, fixture_, not_opened) {
        profile = fixture.profile;
        clock = &boards_.clock();
        wire_instruments();
        Miswiring& faults = instruments_.faults();
        const PlantLines lines = instruments_.lines();
        inputs = lines.inputs;
        outputs = lines.outputs;
        wiring_.add_boards([&](const IoBoardKind& kind, const std::string& name, const Fixture::IoBoard&) {
            return instruments_.io_board(name, kind, lines).near;
        });
        for (int from = 1; from < fixture.pack.cells; ++from)
            chain_taps[from] = &boards_.chain_tap(from);
        for (int board = 1; board <= fixture.pack.cells; ++board)
            probes[board] = &boards_.probe(board);
        app_ = std::make_unique<AppClient>(*clock, faults.line("app", boards_.app_line()), profile);
        ext_ = std::make_unique<ExtReader>(*clock, faults.line("ext", boards_.ext_line()));
        service_input = &faults.line("service_input", boards_.service_line());
        service_ = std::make_unique<ChainService>(
            *clock, *service_input, boards_.chain_ear(fixture.pack.cells - 1), *app_, fixture.pack.cells);
        app_service_ = std::make_unique<AppServiceLine>(*app_);
        service = service_.get();
        app_service = app_service_.get();
        if (ByteLink* const line = boards_.first_ext_line())
            first_ext_ = std::make_unique<FirstExtReader>(*clock, faults.line("first_ext", *line));
        app = app_.get();
        ext = ext_.get();
        first_ext = first_ext_.get();
        plant = &boards_.truth();
        faults.require_all_there();
        interlocks_.emplace(*this, fixture_);
        if (not_opened == nullptr) interlocks_->require_closed();
    }

    void make_safe() override {
        interlocks_->switching_off();
        take_down_with(*this, wiring_);
    }
    std::string open_interlock() override { return interlocks_->open(); }
    std::vector<std::string> condemnations() const override { return boards_.condemnations(); }
    void reseed(std::uint64_t seed) override { boards_.reseed(seed); }

private:
    void wire_instruments() {
        rack_.only_if([this] { interlocks_->require_closed(); });
        rack_.add_cells([&](const Rack::Unit& unit) { return instruments_.cells(unit).near; });
        for (const auto& [number, sensor] : fixture_.sensors) {
            rack_.add_sensor(number, [&, number = number](const SourceKind& kind, const std::string& name) {
                return instruments_.sensor(number, kind, name).near;
            });
        }
        for (const auto& item : fixture_.meters) {
            const int board = item.first;
            rack_.add_meter(board, [this, board](const MeterKind& kind, const std::string& name) {
                return instruments_.meter(board, kind, name).near;
            });
        }
        if (!fixture_.temperature) return;
        for (int board = 1; board <= fixture_.pack.cells; ++board) {
            rack_.add_temperature(board, [&](const SourceKind& kind, const std::string& name) {
                return instruments_.temperature(board, kind, name).near;
            });
        }
    }

    // In the order in which they are built on one another: drivers go before the boards they are clamped to.
    Fixture fixture_;
    VirtualBench boards_;
    SimulatedInstruments instruments_;
    Rack rack_;
    Wiring wiring_;
    std::unique_ptr<AppClient> app_;
    std::unique_ptr<ServiceLine> service_, app_service_;
    std::unique_ptr<ExtReader> ext_;
    std::unique_ptr<FirstExtReader> first_ext_;
    std::optional<Interlocks> interlocks_;  ///< goes first: what closes runs the clock
};

}  // namespace

std::unique_ptr<Bench> open_virtual_bench(const Fixture& fixture, const ProjectFolder& project,
                                          std::uint64_t seed, NotOpened* not_opened) {
    return std::make_unique<OpenedVirtualBench>(fixture, project, seed, not_opened);
}

}  // namespace rig
