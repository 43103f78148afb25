// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/bloomy_abs.hpp"

#include <fmt/format.h>

#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds command_time{1'000'000};
constexpr Nanoseconds reboot_time{10'000'000'000};
constexpr double most_amperes = 5.0;
constexpr int limits_current = 2;  ///< of a channel's faults

constexpr SupplyOutput::Type type{Volts{5.0}, Volts{0.0001}, Amperes{most_amperes}, Amperes{0.0001},
                                  0.0001,     Volts{0.0015}, Amperes{0.002},        Nanoseconds{10'000'000},
                                  2000.0};

ScpiTwin::Manners manners(int id) {
    ScpiTwin::Manners own;
    own.hears_end = own.says_end = "\r\n";
    if (id != 0) own.prefix = fmt::format("@{} ", id);
    return own;
}

}  // namespace

BloomyAbsTwin::BloomyAbsTwin(Clock& clock, std::unique_ptr<ByteLink> link,
                             const std::vector<Terminals*>& terminals, std::uint64_t seed, int id)
    : ScpiTwin(clock, std::move(link), "Bloomy Controls,ABS-0805,0001,3.1.0", command_time, manners(id)) {
    Spread spread(seed);
    for (std::size_t i = 0; i < channels; ++i)
        outputs_.emplace_back(clock, i < terminals.size() ? terminals[i] : nullptr, type, spread);

    on_command("SOURce#:VOLTage", [this](const Call& call) {
        if (!output(call).in_range_v(call.number())) throw ScpiFault{-222, "Data out of range"};
        output(call).set_volts(call.number());
    });
    on_query("SOURce#:VOLTage",
             [this](const Call& call) { return fmt::format("{:.4f}", output(call).volts()); });
    on_command("SOURce#:CURRent:SRC", [this](const Call& call) {
        if (!output(call).in_range_a(call.number())) throw ScpiFault{-222, "Data out of range"};
        output(call).set_amperes(call.number());
    });
    on_query("SOURce#:CURRent:SRC",
             [this](const Call& call) { return fmt::format("{:.4f}", output(call).amperes()); });
    on_command("SOURce#:CURRent:SNK", [this](const Call& call) {
        if (!output(call).in_range_a(call.number())) throw ScpiFault{-222, "Data out of range"};
        sinks_[static_cast<std::size_t>(call.suffixes.front() - 1)] = call.number();
    });
    on_query("SOURce#:CURRent:SNK", [this](const Call& call) {
        output(call);
        return fmt::format("{:.4f}", sinks_[static_cast<std::size_t>(call.suffixes.front() - 1)]);
    });
    on_command("OUTPut#", [this](const Call& call) { output(call).switch_to(call.on_off()); });
    on_query("OUTPut#", [this](const Call& call) { return std::string(output(call).on() ? "1" : "0"); });
    on_query("OUTPut#:FAULt", [this](const Call& call) { return std::to_string(faults(output(call))); });
    const auto list = [this](double (SupplyOutput::*read)() const) {
        return [this, read](const Call& call) {
            std::string line;
            for (const int number : channel_list(call.word(), channels))
                line += fmt::format("{}{:.4f}", line.empty() ? "" : ",",
                                    (outputs_[static_cast<std::size_t>(number - 1)].*read)());
            return line;
        };
    };
    on_query("MEASure:VOLTage", list(&SupplyOutput::read_volts));
    on_query("MEASure:CURRent", list(&SupplyOutput::read_amperes));
    on_query("SYSTem:ALARM", [this](const Call&) {
        int channels_with_faults = 0;
        for (std::size_t i = 0; i < channels; ++i)
            if (faults(outputs_[i]) != 0) channels_with_faults |= 1 << i;
        return std::to_string(channels_with_faults);
    });
    on_query("SYSTem:INTerlock", [](const Call&) { return std::string("0"); });
}

SupplyOutput& BloomyAbsTwin::output(const Call& call) {
    const int number = call.suffixes.front();
    if (number < 1 || number > channels) throw ScpiFault{-114, "Header suffix out of range"};
    return outputs_[static_cast<std::size_t>(number - 1)];
}

int BloomyAbsTwin::faults(SupplyOutput& output) {
    return output.limits() ? limits_current : 0;
}

void BloomyAbsTwin::reset() {
    for (auto& it : outputs_) {
        it.drop();
        it.set_volts(0.0);
        it.set_amperes(0.0);
    }
    fall_silent_for(reboot_time);
}

}  // namespace rig
