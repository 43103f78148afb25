// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/open_real_bench.hpp"

#include <fmt/format.h>

#include <optional>

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
#include "rig/bench_lock.hpp"
#include "rig/guard_line.hpp"
#include "rig/interlocks.hpp"
#include "rig/rack.hpp"
#include "rig/stop.hpp"
#include "rig/take_up.hpp"
#include "rig/wiring.hpp"

namespace rig {

namespace {

constexpr std::chrono::milliseconds answer_within{500};
constexpr std::chrono::seconds opens_within{5};

class OpenedRealBench : public Bench {
public:
    OpenedRealBench(const Fixture& fixture, const ProjectFolder& project, NotOpened* not_opened,
                    const GuardSetup& guard)
        : fixture_(fixture),
          guard_(guard, fixture.file),
          wall_(fixture.clock_speed),
          rack_(*this, fixture_, project, not_opened),
          wiring_(*this, fixture_, not_opened) {
        profile = fixture.profile;
        clock = &wall_;
        lock_links();
        open_instruments();
        open_lines();
        open_digital_lines();
        interlocks_.emplace(*this, fixture_);
        if (not_opened == nullptr) interlocks_->require_closed();
        guard_.watch(wall_, Nanoseconds{static_cast<std::int64_t>(fixture.clock_speed * 1e9)});
    }

    ~OpenedRealBench() override { guard_.closing(); }

    void make_safe() override {
        guard_.switching_off();
        interlocks_->switching_off();
        take_down_with(*this, wiring_);
        guard_.all_off();
    }
    std::uint64_t progress() const override { return wall_.rounds(); }
    std::string open_interlock() override { return interlocks_->open(); }

private:
    /// All at once: half a bench that is ours and half another rig's would be switched off in part.
    void lock_links() {
        for (std::size_t i = 0; i < fixture_.cells.links.size(); ++i)
            lock_.take(fixture_.cells.links[i], fmt::format("cell supply {}", i + 1));
        for (const auto& [number, sensor] : fixture_.sensors)
            lock_.take(sensor.link, fmt::format("injector {}", number));
        if (fixture_.temperature) {
            for (std::size_t i = 0; i < fixture_.temperature->links.size(); ++i)
                lock_.take(fixture_.temperature->links[i], fmt::format("temperature source {}", i + 1));
        }
        for (const auto& [name, board] : fixture_.io)
            lock_.take(board.link, io_board_name(name));
        for (const auto& [board, meter] : fixture_.meters)
            lock_.take(meter.link, fmt::format("meter {}", board));
        const Fixture::Boards& lines = fixture_.boards;
        for (const auto* line :
             {&lines.app, &lines.ext, &lines.first_ext, &lines.service_input, &lines.chain_ear}) {
            if (*line) lock_.take(**line, "a line of the boards");
        }
        for (const FileDescriptor& lock : lock_.descriptors())
            guard_.hold(lock.number());
    }

    Connection open(const LinkAddress& address, const std::string& name, const Opened& opened = {}) {
        if (asked_to_stop()) throw InstrumentError(name, stopped);
        try {
            if (address.kind == LinkAddress::Kind::modbus)
                return {nullptr, open_registers(wall_, address, answer_within, opened)};
            if (address.kind == LinkAddress::Kind::sigrok)
                return {nullptr, nullptr, std::make_unique<SigrokLink>(wall_, address)};
            return {open_link(wall_, address, opens_within, opened), nullptr};
        } catch (const LinkError& error) {
            throw InstrumentError(name, error.what());
        }
    }

    Connection open_guarded(const LinkAddress& address, const std::string& name) {
        return open(address, name, [this, name, link = address.name()](int descriptor) {
            guard_.opened(name, link, descriptor);
        });
    }

    void hand_over(const Place& place, const Guarded& instrument) {
        if (instrument.descriptor() >= 0)
            return guard_.guard(place.name, place.turn, instrument.off_sequence());
        if (fixture_.cut_otherwise(place.outputs)) return;
        throw InstrumentError(
            place.name,
            fmt::format(
                "has no link that a guard could take over, and nothing else would take it off\n"
                "  try     [cells] watchdog_s, an [interlock.<name>] with cuts = [\"{}\"], or another driver",
                place.outputs));
    }

    void open_instruments() {
        rack_.on_opened([this](const auto& place, const auto& instrument) { hand_over(place, instrument); });
        rack_.only_if([this] { interlocks_->require_closed(); });
        rack_.add_cells([&](const Rack::Unit& unit) {
            return open_guarded(one_of(fixture_.cells.links, unit.unit, "cells", unit.name), unit.name);
        });
        for (const auto& [number, sensor] : fixture_.sensors) {
            rack_.add_sensor(number, [&, &address = sensor.link](const SourceKind&, const std::string& name) {
                return open_guarded(address, name);
            });
        }
        for (const auto& [board, meter] : fixture_.meters) {
            rack_.add_meter(board, [&, &address = meter.link](const MeterKind&, const std::string& name) {
                return open(address, name);
            });
        }
        if (!fixture_.temperature) return;
        for (int board = 1; board <= fixture_.pack.cells; ++board) {
            rack_.add_temperature(board, [&](const SourceKind&, const std::string& name) {
                return open_guarded(one_of(fixture_.temperature->links, board, "temperature", name), name);
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

    void open_digital_lines() {
        wiring_.on_opened([this](const auto& place, const auto& board) { hand_over(place, board); });
        wiring_.add_boards(
            [this](const IoBoardKind&, const std::string& name, const Fixture::IoBoard& board) {
                return open_guarded(board.link, io_board_name(name));
            });
        wiring_.add_gpio(
            [this](const auto& signal, const auto& line) { return open_gpio_input(wall_, signal, line); },
            [this](const auto& signal, const auto& line) {
                auto output = open_gpio_output(signal, line);
                guard_.opened(signal, line.name(), output->descriptor());
                hand_over({signal, "", Place::last_turn}, *output);
                return output;
            });
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
    GuardLine guard_;  ///< ends after the links are closed
    BenchLock lock_;
    WallClock wall_;
    Rack rack_;
    Wiring wiring_;
    std::vector<std::unique_ptr<ByteLink>> lines_;
    std::unique_ptr<AppClient> app_;
    std::unique_ptr<ServiceLine> service_, app_service_;
    std::unique_ptr<ExtReader> ext_;
    std::unique_ptr<FirstExtReader> first_ext_;
    std::optional<Interlocks> interlocks_;  ///< goes first: what closes runs the clock
};

}  // namespace

std::unique_ptr<Bench> open_real_bench(const Fixture& fixture, const ProjectFolder& project,
                                       NotOpened* not_opened, const GuardSetup& guard) {
    return std::make_unique<OpenedRealBench>(fixture, project, not_opened, guard);
}

}  // namespace rig
