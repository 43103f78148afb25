// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/rs_hmp.hpp"

#include <fmt/format.h>

#include <cctype>
#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds command_time{5'000'000};
constexpr Nanoseconds measuring_time{20'000'000};

constexpr SupplyOutput::Type type{Volts{32.05}, Volts{0.001}, Amperes{10.01}, Amperes{0.001},
                                  0.0005,       Volts{0.005}, Amperes{0.002}};

}  // namespace

RsHmpTwin::RsHmpTwin(Clock& clock, std::unique_ptr<ByteLink> link, const std::vector<Terminals*>& terminals,
                     std::uint64_t seed, int channels)
    : ScpiTwin(clock, std::move(link),
               fmt::format("HAMEG,HMP{}0{}0,100001,2.41", channels == 4 ? 4 : 2, channels == 4 ? 4 : 2),
               command_time),
      chosen_(static_cast<std::size_t>(channels)),
      linked_(static_cast<std::size_t>(channels)) {
    Spread spread(seed);
    for (std::size_t i = 0; i < chosen_.size(); ++i)
        outputs_.emplace_back(clock, i < terminals.size() ? terminals[i] : nullptr, type, spread);
    reset();
    add_setpoints();
    add_outputs();
    add_protections();
}

void RsHmpTwin::add_setpoints() {
    on_command("INSTrument[:SELect]", [this](const Call& call) {
        const auto& name = call.word();
        const int number = name.empty() ? 0 : name.back() - '0';
        const auto word = name.substr(0, name.size() - 1);
        if ((word != "OUT" && word != "OUTP" && word != "OUTPUT") || number < 1 ||
            number > static_cast<int>(chosen_.size()))
            throw ScpiFault{-224, "Illegal parameter value"};
        selected_ = number;
    });
    on_query("INSTrument[:SELect]", [this](const Call&) { return fmt::format("OUTP{}", selected_); });
    on_command("[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]", [this](const Call& call) {
        if (!selected().in_range_v(call.number())) throw ScpiFault{-222, "Data out of range"};
        selected().set_volts(call.number());
    });
    on_query("[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]",
             [this](const Call&) { return fmt::format("{:.3f}", selected().volts()); });
    on_command("[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]", [this](const Call& call) {
        if (!selected().in_range_a(call.number())) throw ScpiFault{-222, "Data out of range"};
        selected().set_amperes(call.number());
    });
    on_query("[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]",
             [this](const Call&) { return fmt::format("{:.4f}", selected().amperes()); });
    on_query("MEASure[:SCALar][:VOLTage][:DC]", measuring_time,
             [this](const Call&) { return fmt::format("{:.3f}", selected().read_volts()); });
    on_query("MEASure[:SCALar]:CURRent[:DC]", measuring_time,
             [this](const Call&) { return fmt::format("{:.4f}", selected().read_amperes()); });
}

void RsHmpTwin::add_outputs() {
    const auto choose = [this](const Call& call) {
        chosen_[static_cast<std::size_t>(selected_ - 1)] = call.on_off();
        if (call.on_off()) selected().over_current.tripped = false;
        apply_switches();
    };
    on_command("OUTPut:SELect", choose);
    on_query("OUTPut:SELect", [this](const Call&) {
        return std::string(chosen_[static_cast<std::size_t>(selected_ - 1)] ? "1" : "0");
    });
    on_command("OUTPut:GENeral", [this](const Call& call) {
        main_ = call.on_off();
        apply_switches();
    });
    on_query("OUTPut:GENeral", [this](const Call&) { return std::string(main_ ? "1" : "0"); });
    on_query("OUTPut[:STATe]", [this](const Call&) { return std::string(selected().on() ? "1" : "0"); });
}

void RsHmpTwin::add_protections() {
    on_command("[SOURce:]VOLTage:PROTection[:LEVel]", [this](const Call& call) {
        if (call.number() <= 0 || !selected().in_range_v(call.number() / 1.02))
            throw ScpiFault{-222, "Data out of range"};
        selected().over_voltage.armed = true;
        selected().over_voltage.level = call.number();
        selected().look();
    });
    on_query("[SOURce:]VOLTage:PROTection[:LEVel]",
             [this](const Call&) { return fmt::format("{:.3f}", selected().over_voltage.level); });
    on_query("[SOURce:]VOLTage:PROTection:TRIPped", [this](const Call&) {
        look();
        return std::string(selected().over_voltage.tripped ? "1" : "0");
    });
    on_command("[SOURce:]VOLTage:PROTection:CLEar",
               [this](const Call&) { selected().over_voltage.tripped = false; });
    on_command("FUSE[:STATe]", [this](const Call& call) {
        selected().over_current.armed = call.on_off();
        selected().over_current.level = selected().amperes();
        look();
    });
    on_query("FUSE[:STATe]",
             [this](const Call&) { return std::string(selected().over_current.armed ? "1" : "0"); });
    on_command("FUSE:LINK", [this](const Call& call) {
        linked_[static_cast<std::size_t>(selected_ - 1)].push_back(static_cast<int>(call.number()));
    });
    on_query("FUSE:TRIPed", [this](const Call&) {
        look();
        return std::string(selected().over_current.tripped ? "1" : "0");
    });
}

void RsHmpTwin::apply_switches() {
    for (std::size_t i = 0; i < chosen_.size(); ++i)
        if (outputs_[i].on() != (main_ && chosen_[i])) outputs_[i].switch_to(main_ && chosen_[i]);
}

void RsHmpTwin::look() {
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        auto& it = outputs_[i];
        it.over_current.level = it.amperes();
        it.look();
        if (!it.over_current.tripped && !it.over_voltage.tripped) continue;
        chosen_[i] = false;
        for (const int other : linked_[i])
            if (other >= 1 && other <= static_cast<int>(chosen_.size())) {
                chosen_[static_cast<std::size_t>(other - 1)] = false;
                outputs_[static_cast<std::size_t>(other - 1)].drop();
            }
    }
}

void RsHmpTwin::reset() {
    main_ = false;
    selected_ = 1;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        chosen_[i] = false;
        linked_[i].clear();
        outputs_[i].drop();
        outputs_[i].set_volts(0.0);
        outputs_[i].set_amperes(0.1);
        outputs_[i].over_voltage = {false, false, 33.0};
        outputs_[i].over_current = {};
    }
}

}  // namespace rig
