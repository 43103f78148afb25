// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/links/line_address.hpp"

#include "instruments/links/address_setting.hpp"

namespace rig {
namespace {

using Channel = LineAddress::Channel;

const char* const forms = "gpio:<line's name>, io:<board's name>?relay=…, line=… or analogue=…";

const Words<bool> actives{{"high", false}, {"low", true}};
const Words<LineAddress::Bias> biases{{"as-is", LineAddress::Bias::as_is},
                                      {"none", LineAddress::Bias::none},
                                      {"pull-up", LineAddress::Bias::pull_up},
                                      {"pull-down", LineAddress::Bias::pull_down}};
const Words<LineAddress::Drive> drives{{"push-pull", LineAddress::Drive::push_pull},
                                       {"open-drain", LineAddress::Drive::open_drain},
                                       {"open-source", LineAddress::Drive::open_source}};
const Words<Channel> channels{
    {"relay", Channel::relay}, {"line", Channel::line}, {"analogue", Channel::analogue}};

void take_gpio(LineAddress& line, std::string_view settings) {
    const std::string known = "chip, active, bias, drive";
    each_setting(settings, known, [&](const AddressSetting& setting) {
        if (setting.name() == "chip")
            line.chip = setting.value();
        else if (setting.name() == "active")
            setting.take(line.active_low, actives);
        else if (setting.name() == "bias")
            setting.take(line.bias, biases);
        else if (setting.name() == "drive")
            setting.take(line.drive, drives);
        else
            setting.refuse_name(known);
    });
}

void take_channel(LineAddress& line, std::string_view settings) {
    constexpr int most_channels = 32;
    constexpr double most_v = 100.0;
    const std::string known = "relay, line, analogue, above_v, active";
    int named = 0;
    bool threshold = false;
    each_setting(settings, known, [&](const AddressSetting& setting) {
        if (setting.name() == "active") return setting.take(line.active_low, actives);
        if (setting.name() == "above_v") {
            threshold = true;
            return setting.take(line.above_v, 0.0, most_v);
        }
        for (const auto& [word, channel] : channels) {
            if (setting.name() != word) continue;
            ++named;
            line.channel = channel;
            return setting.take(line.number, 0, most_channels - 1);
        }
        setting.refuse_name(known);
    });
    if (named != 1) throw LinkTextError("must name one channel of the board", "relay=, line= or analogue=");
    if (line.channel == Channel::relay && line.active_low)
        throw LinkTextError("is on while nothing is driven", "active=high, and the relay's other contact");
    if (threshold != (line.channel == Channel::analogue))
        throw LinkTextError(threshold ? "has a threshold, but no analogue input" : "has no threshold",
                            "above_v=… with analogue=…, and with it alone");
}

}  // namespace

std::string LineAddress::name() const {
    auto name = text.substr(0, text.find('?'));
    if (kind == Kind::gpio) return chip.empty() ? name : name + "?chip=" + chip;
    for (const auto& [word, value] : channels)
        if (value == channel) name += fmt::format("?{}={}", word, number);
    return name;
}

LineAddress parse_line(const std::string& text) {
    LineAddress line;
    line.text = text;
    const auto colon = text.find(':');
    const auto scheme = text.substr(0, colon);
    if (colon == std::string::npos || (scheme != "gpio" && scheme != "io"))
        throw LinkTextError("is no digital line", forms);
    line.kind = scheme == "gpio" ? LineAddress::Kind::gpio : LineAddress::Kind::io;
    const auto question = text.find('?');
    line.target = text.substr(colon + 1, question == std::string::npos ? question : question - colon - 1);
    if (line.target.empty()) throw LinkTextError("has no name after the colon", forms);
    const auto settings = question == std::string::npos ? std::string() : text.substr(question + 1);
    line.kind == LineAddress::Kind::gpio ? take_gpio(line, settings) : take_channel(line, settings);
    return line;
}

}  // namespace rig
