// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/itech_m3400.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds command_time{3'000'000};
constexpr Nanoseconds measuring_time{20'000'000};

constexpr SupplyOutput::Type type{Volts{60.6}, Volts{0.001}, Amperes{3.06},  Amperes{0.0001},
                                  0.0003,      Volts{0.006}, Amperes{0.003}, Nanoseconds{20'000'000},
                                  1000.0};

ScpiTwin::Manners manners() {
    ScpiTwin::Manners own;
    own.says_end = "\r\n";
    own.bears_cr = false;
    return own;
}

}  // namespace

ItechM3400Twin::ItechM3400Twin(Clock& clock, std::unique_ptr<ByteLink> link, Terminals* terminals,
                               std::uint64_t seed, SinkSign sign)
    : ScpiTwin(clock, std::move(link), "ITECH Ltd.,IT-M3412,800000000000000001,1.12", command_time,
               manners()),
      sign_(sign) {
    Spread spread(seed);
    outputs_.emplace_back(clock, terminals, type, spread);
    reset();
    auto& it = outputs_.front();

    on_command("[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]", [&it](const Call& call) {
        if (!it.in_range_v(call.number())) throw ScpiFault{-222, "Data out of range"};
        it.set_volts(call.number());
    });
    on_query("[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]",
             [&it](const Call&) { return fmt::format("{:.4f}", it.volts()); });
    on_command("[SOURce:]CURRent:LIMit[:POSitive]", [&it](const Call& call) {
        if (!it.in_range_a(call.number())) throw ScpiFault{-222, "Data out of range"};
        it.set_amperes(call.number());
    });
    on_query("[SOURce:]CURRent:LIMit[:POSitive]",
             [&it](const Call&) { return fmt::format("{:.4f}", it.amperes()); });
    on_command("[SOURce:]CURRent:LIMit:NEGative", [this](const Call& call) {
        const double asked = sign_ == SinkSign::negative ? -call.number() : call.number();
        sink_ = std::clamp(asked, 0.0, type.most_amperes.value);
    });
    on_query("[SOURce:]CURRent:LIMit:NEGative", [this](const Call&) {
        return fmt::format("{:.4f}", sign_ == SinkSign::negative ? -sink_ + 0.0 : sink_);
    });
    on_query("MEASure[:SCALar]:VOLTage[:DC]", measuring_time,
             [&it](const Call&) { return fmt::format("{:.4f}", it.read_volts()); });
    on_query("MEASure[:SCALar]:CURRent[:DC]", measuring_time,
             [&it](const Call&) { return fmt::format("{:.4f}", it.read_amperes()); });
    on_command("OUTPut[:STATe]", [&it](const Call& call) { it.switch_to(call.on_off()); });
    on_query("OUTPut[:STATe]", [&it](const Call&) { return std::string(it.on() ? "1" : "0"); });
}

void ItechM3400Twin::reset() {
    auto& it = outputs_.front();
    it.drop();
    it.set_volts(0.0);
    it.set_amperes(0.1);
    sink_ = 0.1;
}

}  // namespace rig
