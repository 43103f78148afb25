// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/served_bench.hpp"

#include <fmt/format.h>

#include "instruments/links/memory_link.hpp"
#include "instruments/links/pty_server.hpp"
#include "instruments/links/tcp_server.hpp"
#include "rig/option_switches.hpp"
#include "rig/serve/spare_io_boards.hpp"

namespace rig {

namespace {

constexpr std::int64_t byte_bits = 10;

/// Of real time: how late a GPIO line may follow its board, or a board its GPIO line.
constexpr double lines_follow_within_s = 0.02;

std::int64_t baud_of(const Wire& wire) {
    return byte_bits * 1'000'000'000 / wire.byte_time.count();
}

/// A network's packets have a way to go, a serial line's bits have not.
bool is_network(const Wire& wire) {
    return wire.latency > Nanoseconds{0};
}

}  // namespace

ServedBench::ServedBench(const Fixture& fixture, const ProjectFolder& project, std::uint64_t seed,
                         double speed)
    : fixture_(fixture),
      reached_(fixture),
      wall_(speed),
      boards_(simulated_boards(fixture, project, seed)),
      instruments_(boards_, fixture_, project, seed),
      pace_(wall_, dynamic_cast<VirtualClock&>(boards_.clock()), speed) {
    reached_.bench = "real";
    reached_.clock_speed = speed;
    serve_instruments(project);
    serve_digital_lines();
    serve_lines();
    stand_switches();
    if (ServedGpio::possible()) serve_gpio();
}

ServedBench::~ServedBench() = default;

void ServedBench::serve_instruments(const ProjectFolder& project) {
    reached_.cells.links.clear();
    for (const Rack::Unit& unit : Rack::units(fixture_, project))
        reached_.cells.links.push_back(serve(instruments_.cells(unit)));
    for (auto& [number, sensor] : reached_.sensors)
        sensor.link = serve(
            instruments_.sensor(number, source_kind(sensor.driver), fmt::format("injector {}", number)));
    for (auto& [board, meter] : reached_.meters) {
        if (board <= fixture_.pack.cells)
            meter.link =
                serve(instruments_.meter(board, meter_kind(meter.driver), fmt::format("meter {}", board)));
    }
    if (!reached_.temperature) return;
    reached_.temperature->links.clear();
    for (int board = 1; board <= fixture_.pack.cells; ++board) {
        reached_.temperature->links.push_back(serve(instruments_.temperature(
            board, source_kind(reached_.temperature->driver), fmt::format("temperature source {}", board))));
    }
}

void ServedBench::serve_digital_lines() {
    const PlantLines lines = instruments_.lines();
    if (!ServedGpio::possible()) wire_to_spare_io_boards(fixture_, lines);
    reached_.io = fixture_.io;
    reached_.lines = fixture_.lines;
    for (auto& [name, board] : reached_.io)
        board.link = serve(instruments_.io_board(name, io_board_kind(board.driver), lines));
}

void ServedBench::serve_lines() {
    Fixture::Boards& lines = reached_.boards;
    Miswiring& faults = instruments_.faults();
    constexpr bool deaf = false;
    lines.app = serve_line(faults.line("app", boards_.app_line()));
    lines.ext = serve_line(faults.line("ext", boards_.ext_line()), deaf);
    if (ByteLink* const line = boards_.first_ext_line())
        lines.first_ext = serve_line(faults.line("first_ext", *line), deaf);
    lines.service_input = serve_line(faults.line("service_input", boards_.service_line()));
    lines.chain_ear = serve_line(boards_.chain_ear(fixture_.pack.cells - 1), deaf);
}

void ServedBench::stand_switches() {
    const SwitchPositions positions = ordinary_positions(fixture_);
    for (std::size_t i = 0; i < positions.size(); ++i)
        boards_.output(fmt::format("switch[{}]", i + 1)).drive(positions.at(i));
}

void ServedBench::serve_gpio() {
    PlantLines lines = instruments_.lines();
    for (const auto& [signal, line] : fixture_.lines) {
        lines.inputs.erase(signal);
        lines.outputs.erase(signal);
    }
    gpio_ = std::make_unique<ServedGpio>(lines);
    reached_.lines.merge(gpio_->reached());
    carry_lines();
}

void ServedBench::carry_lines() {
    pace_.catch_up();
    gpio_->carry();
    const Nanoseconds pause{static_cast<std::int64_t>(lines_follow_within_s * 1e9 * reached_.clock_speed)};
    wall_.at(wall_.now() + pause, [this] { carry_lines(); });
}

LinkAddress ServedBench::serve(Imitation imitation) {
    if (imitation.registers) return serve_registers(imitation);
    inside_.push_back(std::move(imitation.near.bytes));
    ByteLink& inside = *inside_.back();
    if (!is_network(imitation.wire)) return serve_line(inside);
    auto port = std::make_unique<TcpServer>(wall_);
    inside.on_receive([&to = *port](std::string_view bytes) { to.send(bytes); });
    lead(*port, inside);
    outside_.push_back(std::move(port));
    return parse_link(outside_.back()->name());
}

LinkAddress ServedBench::serve_registers(const Imitation& imitation) {
    constexpr int unit = 1;
    MemoryLink wired = memory_link(boards_.clock(), imitation.wire, "registers");
    registers_.push_back(
        std::make_unique<ModbusServer>(boards_.clock(), std::move(wired.far), *imitation.registers, unit));
    inside_.push_back(std::move(wired.near));
    const LinkAddress line = serve_line(*inside_.back());
    return parse_link(
        fmt::format("modbus:{}?baud={}&address={}", line.target, baud_of(imitation.wire), unit));
}

LinkAddress ServedBench::serve_line(ByteLink& line, bool hears) {
    auto terminal = std::make_unique<PtyServer>(wall_);
    line.on_receive([&to = *terminal](std::string_view bytes) { to.say(bytes); });
    if (hears) lead(*terminal, line);
    outside_.push_back(std::move(terminal));
    return parse_link(outside_.back()->name());
}

void ServedBench::lead(ByteLink& outside, ByteLink& inside) {
    outside.on_receive([this, &inside](std::string_view bytes) {
        pace_.catch_up();
        inside.send(bytes);
    });
}

}  // namespace rig
