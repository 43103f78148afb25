// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/siglent_spd3303x.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds command_time{5'000'000};

constexpr SupplyOutput::Type type{Volts{32.0}, Volts{0.001}, Amperes{3.2},  Amperes{0.001},
                                  0.0003,      Volts{0.010}, Amperes{0.010}};

ScpiTwin::Manners manners() {
    ScpiTwin::Manners own;
    own.quotes_errors = false;
    own.deaf = Nanoseconds{20'000'000};
    return own;
}

}  // namespace

SiglentSpd3303xTwin::SiglentSpd3303xTwin(Clock& clock, std::unique_ptr<ByteLink> link,
                                         const std::vector<Terminals*>& terminals, std::uint64_t seed)
    : ScpiTwin(clock, std::move(link), "Siglent Technologies,SPD3303X,SPD3XAAA000001,1.01.01.01.02R5,V3.0",
               command_time, manners()) {
    Spread spread(seed);
    answering_ = Nanoseconds{55'000'000 + std::llround(45e6 * spread.next())};
    for (std::size_t i = 0; i < channels; ++i)
        outputs_.emplace_back(clock, i < terminals.size() ? terminals[i] : nullptr, type, spread);
    reset();

    on_command("CH#:VOLTage", [this](const Call& call) {
        auto& it = output(call.suffixes.front());
        if (!it.in_range_v(call.number())) throw ScpiFault{3, "Operation Over Range"};
        it.set_volts(call.number());
    });
    ask("CH#:VOLTage",
        [this](const Call& call) { return fmt::format("{:.3f}", output(call.suffixes.front()).volts()); });
    on_command("CH#:CURRent", [this](const Call& call) {
        auto& it = output(call.suffixes.front());
        if (!it.in_range_a(call.number())) throw ScpiFault{3, "Operation Over Range"};
        it.set_amperes(call.number());
    });
    ask("CH#:CURRent",
        [this](const Call& call) { return fmt::format("{:.3f}", output(call.suffixes.front()).amperes()); });
    ask("MEASure:VOLTage",
        [this](const Call& call) { return fmt::format("{:.3f}", named(call.word()).read_volts()); });
    ask("MEASure:CURRent",
        [this](const Call& call) { return fmt::format("{:.3f}", named(call.word()).read_amperes()); });
    on_command("OUTPut", [this](const Call& call) {
        if (call.arguments.size() != 2) throw ScpiFault{2, "Missing Parameter"};
        const auto& state = call.arguments[1];
        if (state != "ON" && state != "OFF") throw ScpiFault{2, "Illegal Parameter"};
        named(call.arguments[0]).switch_to(state == "ON");
    });
    // Bits 0 and 1: current limited; 2: channels independent; 4 and 5: on; 9: what its screen shows.
    ask("SYSTem:STATus", [this](const Call&) {
        unsigned bits = 0x0204;
        for (std::size_t i = 0; i < channels; ++i) {
            if (outputs_[i].limits()) bits |= 1u << i;
            if (outputs_[i].on()) bits |= 0x10u << i;
        }
        return fmt::format("0x{:04x}", bits);
    });
}

void SiglentSpd3303xTwin::ask(const std::string& header, std::function<std::string(const Call&)> answer) {
    on_query(header, answering_, std::move(answer));
}

SupplyOutput& SiglentSpd3303xTwin::output(int number) {
    if (number < 1 || number > channels) throw ScpiFault{2, "Illegal Parameter"};
    return outputs_[static_cast<std::size_t>(number - 1)];
}

SupplyOutput& SiglentSpd3303xTwin::named(const std::string& channel) {
    if (channel.size() != 3 || !channel.starts_with("CH")) throw ScpiFault{2, "Illegal Parameter"};
    return output(channel[2] - '0');
}

void SiglentSpd3303xTwin::reset() {
    for (auto& it : outputs_) {
        it.drop();
        it.set_volts(0.0);
        it.set_amperes(3.2);
    }
}

}  // namespace rig
