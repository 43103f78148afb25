// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/open_real_bench.hpp"

#include <fmt/format.h>

#include "fixtures/boards/app_client.hpp"
#include "fixtures/boards/ext_reader.hpp"
#include "fixtures/boards/first_ext_reader.hpp"
#include "fixtures/boards/service_line.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/links/gpio_line.hpp"
#include "instruments/links/link_error.hpp"
#include "instruments/links/modbus_link.hpp"
#include "instruments/links/open_link.hpp"
#include "instruments/links/wall_clock.hpp"
#include "rig/rack.hpp"
#include "rig/take_up.hpp"
#include "rig/wiring.hpp"

namespace rig {

namespace {

class OpenedRealBench : public Bench {
public:
    OpenedRealBench(const Fixture& fixture, const ProjectFolder& project, NotOpened* not_opened)
        : fixture_(fixture),
          wall_(fixture.clock_speed),
          rack_(*this, fixture_, project, not_opened),
          wiring_(*this, fixture_, not_opened) {
        profile = fixture.profile;
        clock = &wall_;
        open_instruments();
        open_lines();
        wiring_.add_boards(
            [this](const IoBoardKind&, const std::string& name, const Fixture::IoBoard& board) {
                return open(board.link, io_board_name(name));
            });
        wiring_.add_gpio(
            [this](const auto& signal, const auto& line) { return open_gpio_input(wall_, signal, line); },
            open_gpio_output);
    }

    void make_safe() override { take_down_with(*this, wiring_); }
    std::uint64_t progress() const override { return wall_.rounds(); }

private:
    Connection open(const LinkAddress& address, const std::string& name) {
        try {
            if (address.kind == LinkAddress::Kind::modbus) return {nullptr, open_registers(wall_, address)};
            return {open_link(wall_, address), nullptr};
        } catch (const LinkError& error) {
            throw InstrumentError(name, error.what());
        }
    }

    void open_instruments() {
        rack_.add_cells([&](const SupplyKind&, const Rack::Unit& unit) {
            return open(one_of(fixture_.cells.links, unit.unit, "cells", unit.name), unit.name);
        });
        for (const auto& [number, sensor] : fixture_.sensors) {
            rack_.add_sensor(number, [&, &address = sensor.link](const SourceKind&, const std::string& name) {
                return open(address, name);
            });
        }
        if (!fixture_.temperature) return;
        for (int board = 1; board <= fixture_.pack.cells; ++board) {
            rack_.add_temperature(board, [&](const SourceKind&, const std::string& name) {
                return open(one_of(fixture_.temperature->links, board, "temperature", name), name);
            });
        }
    }

    /// Two instruments never share a link, so that one too few is a mistake.
    const LinkAddress& one_of(const std::vector<LinkAddress>& links, int number, const char* table,
                              const std::string& name) const {
        if (static_cast<std::size_t>(number) <= links.size())
            return links[static_cast<std::size_t>(number - 1)];
        throw FixtureError(
            fmt::format("{}: [{}] link names {} of the links that a pack of {} cells needs\n"
                        "  try     add the link of {}, or take fewer [pack] cells",
                        fixture_.file.string(), table, links.size(), fixture_.pack.cells, name));
    }

    ByteLink* open_line(const std::optional<LinkAddress>& address, const char* name) {
        if (!address) return nullptr;
        ByteLink* line = nullptr;
        rack_.or_note(name, [&] {
            lines_.push_back(open(*address, name).bytes);
            line = lines_.back().get();
        });
        return line;
    }

    void open_lines() {
        const Fixture::Boards& lines = fixture_.boards;
        if (ByteLink* const line = open_line(lines.app, "app link"))
            app_ = std::make_unique<AppClient>(wall_, *line, profile);
        if (ByteLink* const line = open_line(lines.ext, "EXT"))
            ext_ = std::make_unique<ExtReader>(wall_, *line);
        if (ByteLink* const line = open_line(lines.first_ext, "first board's EXT"))
            first_ext_ = std::make_unique<FirstExtReader>(wall_, *line);
        service_input = open_line(lines.service_input, "service input");
        ByteLink* const ear = open_line(lines.chain_ear, "chain ear");
        if (app_ && service_input && ear)
            service_ =
                std::make_unique<ChainService>(wall_, *service_input, *ear, *app_, fixture_.pack.cells);
        if (app_) app_service_ = std::make_unique<AppServiceLine>(*app_);
        app = app_.get();
        ext = ext_.get();
        first_ext = first_ext_.get();
        service = service_.get();
        app_service = app_service_.get();
    }

    // In the order in which they are built on one another.
    Fixture fixture_;
    WallClock wall_;
    Rack rack_;
    Wiring wiring_;
    std::vector<std::unique_ptr<ByteLink>> lines_;
    std::unique_ptr<AppClient> app_;
    std::unique_ptr<ServiceLine> service_, app_service_;
    std::unique_ptr<ExtReader> ext_;
    std::unique_ptr<FirstExtReader> first_ext_;
};

}  // namespace

std::unique_ptr<Bench> open_real_bench(const Fixture& fixture, const ProjectFolder& project,
                                       NotOpened* not_opened) {
    return std::make_unique<OpenedRealBench>(fixture, project, not_opened);
}

}  // namespace rig
