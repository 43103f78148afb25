// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/serve/fixture_text.hpp"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "fixtures/signal_names.hpp"

namespace rig {

namespace {

std::string quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        if (static_cast<unsigned char>(c) < 0x20)
            quoted += fmt::format("\\u{:04x}", c);
        else
            quoted += c;
    }
    return quoted + '"';
}

std::string said(const std::string& value) {
    return quoted(value);
}
std::string said(const LinkAddress& value) {
    return quoted(value.text);
}
std::string said(double value) {
    return fmt::format("{}", value);
}
std::string said(int value) {
    return fmt::format("{}", value);
}
template <class Unit>
std::string said(const Quantity<Unit>& value) {
    return said(value.value);
}
std::string said(const std::vector<LinkAddress>& links) {
    std::string text = "[\n";
    for (const auto& link : links)
        text += "  " + quoted(link.text) + ",\n";
    return text + "]";
}

std::string said(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts)
        list += (list.empty() ? "" : ", ") + quoted(text);
    return "[" + list + "]";
}

/// Lines of TOML, one after the other.
class Text {
public:
    void table(const std::string& name) { text_ += fmt::format("\n[{}]\n", name); }

    template <class Value>
    void key(const std::string& name, const Value& value) {
        text_ += fmt::format("{} = {}\n", name, said(value));
    }
    template <class Value>
    void key(const std::string& name, const std::optional<Value>& value) {
        if (value) key(name, *value);
    }

    const std::string& text() const { return text_; }

private:
    std::string text_;
};

void add_pack(Text& text, const Fixture::Pack& pack) {
    text.table("pack");
    text.key("cells", pack.cells);
    text.key("nominal_v", pack.nominal);
    text.key("balance_v", pack.balance);
    text.key("sensor_a", pack.sensor);
    text.key("off_s", static_cast<double>(pack.off.count()) / 1e9);
}

void add_supply(Text& text, const Fixture::Supply& supply) {
    text.key("driver", supply.driver);
    text.key("dialect", supply.dialect);
    text.key("channels", supply.channels);
    text.key("current_limit_a", supply.current_limit);
    text.key("over_voltage_v", supply.over_voltage_v);
    text.key("over_current_a", supply.over_current_a);
    text.key("watchdog_s", supply.watchdog_s);
}

void add_cells(Text& text, const Fixture::Cells& cells) {
    text.table("cells");
    if (cells.units.empty()) {
        add_supply(text, cells);
        text.key("link", cells.links);
        return;
    }
    for (std::size_t i = 0; i < cells.links.size(); ++i) {
        text.table("[cells.unit]");
        add_supply(text, cells.unit(static_cast<int>(i) + 1));
        text.key("link", cells.links[i]);
    }
}

void add_sources(Text& text, const Fixture& fixture) {
    for (const auto& [number, sensor] : fixture.sensors) {
        text.table(fmt::format("sensor.{}", number));
        text.key("driver", sensor.driver);
        text.key("link", sensor.link);
        text.key("turns", sensor.turns);
        text.key("compliance_v", sensor.compliance);
        text.key("amperes_per_volt", sensor.amperes_per_volt);
    }
    if (!fixture.temperature) return;
    text.table("temperature");
    text.key("driver", fixture.temperature->driver);
    text.key("link", fixture.temperature->links);
    text.key("volts_per_k", fixture.temperature->volts_per_k);
}

void add_meters(Text& text, const Fixture& fixture) {
    for (const auto& [board, meter] : fixture.meters) {
        if (board > fixture.pack.cells) continue;
        text.table(fmt::format("meter.{}", board));
        text.key("driver", meter.driver);
        text.key("link", meter.link);
        text.key("range_v", meter.range);
        text.key("line_cycles", meter.line_cycles);
    }
}

void add_boards(Text& text, const Fixture::Boards& lines) {
    text.table("boards");
    text.key("app", lines.app);
    text.key("ext", lines.ext);
    text.key("first_ext", lines.first_ext);
    text.key("service_input", lines.service_input);
    text.key("chain_ear", lines.chain_ear);
}

void add_digital_lines(Text& text, const Fixture& fixture) {
    for (const auto& [name, board] : fixture.io) {
        text.table(fmt::format("io.{}", quoted(name)));
        text.key("driver", board.driver);
        text.key("link", board.link);
        text.key("relays", board.relays);
        text.key("full_scale_v", board.full_scale);
    }
    text.table("lines");
    for (const auto& [signal, line] : fixture.lines)
        if (!signal.starts_with(interlock_signal(""))) text.key(quoted(signal), line.text);
    for (const auto& [name, contact] : fixture.interlocks) {
        text.table(fmt::format("interlock.{}", quoted(name)));
        text.key("line", fixture.lines.at(interlock_signal(name)).text);
        text.key("meaning", contact.meaning);
        text.key("cuts", contact.cuts);
    }
}

void add_envelope(Text& text, const Fixture::Envelope& envelope) {
    text.table("envelope");
    text.key("cell_min_v", envelope.cell_min);
    text.key("cell_max_v", envelope.cell_max);
    text.key("neighbours_max_difference_v", envelope.neighbours_max_difference);
    text.key("sensor_max_a", envelope.sensor_max);
    text.key("temperature_min_degc", envelope.temperature_min);
    text.key("temperature_max_degc", envelope.temperature_max);
}

}  // namespace

std::string fixture_text(const Fixture& fixture) {
    Text text;
    text.key("name", fixture.name);
    text.key("profile", fixture.profile);
    text.key("bench", fixture.bench);
    text.key("dut", fixture.dut);
    text.table("clock");
    text.key("speed", fixture.clock_speed);
    add_pack(text, fixture.pack);
    add_cells(text, fixture.cells);
    add_sources(text, fixture);
    add_meters(text, fixture);
    add_boards(text, fixture.boards);
    add_digital_lines(text, fixture);
    if (!fixture.settings.empty()) {
        text.table("settings");
        for (const auto& [name, value] : fixture.settings)
            text.key(name, value);
    }
    add_envelope(text, fixture.envelope);
    return text.text();
}

}  // namespace rig
