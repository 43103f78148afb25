// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/twins/keysight_e36300.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace rig {
namespace {

constexpr Nanoseconds command_time{2'000'000};

constexpr SupplyOutput::Type six_volts{Volts{6.18}, Volts{0.0001}, Amperes{5.15},  Amperes{0.0001},
                                       0.0003,      Volts{0.003},  Amperes{0.003}, Nanoseconds{10'000'000},
                                       200.0};
constexpr SupplyOutput::Type many_volts{Volts{25.75}, Volts{0.0005}, Amperes{1.03},  Amperes{0.0001},
                                        0.0003,       Volts{0.005},  Amperes{0.002}, Nanoseconds{10'000'000},
                                        200.0};
constexpr SupplyOutput::Type module{Volts{20.4}, Volts{0.0005}, Amperes{5.1},   Amperes{0.0005},
                                    0.0006,      Volts{0.015},  Amperes{0.005}, Nanoseconds{20'000'000},
                                    200.0};

constexpr int over_voltage = 1, over_current = 2, protection = 2048;  ///< of the questionable status

double number_of(const std::string& text) {
    double value = 0.0;
    const auto begin = text.data() + (text.starts_with("+") ? 1 : 0), end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(begin, end, value);
    if (error != std::errc{} || rest != end) throw ScpiFault{-104, "Data type error"};
    return value;
}

bool switch_of(const std::string& text) {
    if (text == "ON" || text == "1") return true;
    if (text == "OFF" || text == "0") return false;
    throw ScpiFault{-104, "Data type error"};
}

}  // namespace

KeysightE36300Twin::KeysightE36300Twin(Clock& clock, std::unique_ptr<ByteLink> link,
                                       const std::vector<Terminals*>& terminals, std::uint64_t seed,
                                       Model model)
    : ScpiTwin(clock, std::move(link),
               model == Model::e36312a ? "Keysight Technologies,E36312A,MY00000001,1.0.4-1.0.3-1.00"
                                       : "Keysight Technologies,N6702A,MY00000001,D.02.01",
               command_time) {
    Spread spread(seed);
    const std::vector<SupplyOutput::Type> types =
        model == Model::e36312a ? std::vector{six_volts, many_volts, many_volts} : std::vector(4, module);
    for (std::size_t i = 0; i < types.size(); ++i)
        outputs_.emplace_back(clock, i < terminals.size() ? terminals[i] : nullptr, types[i], spread);
    reset();
    add_setpoints();
    add_protections();
    add_watchdog();
}

std::vector<SupplyOutput*> KeysightE36300Twin::listed(const std::vector<std::string>& arguments,
                                                      std::size_t at) {
    if (arguments.size() > at + 1) throw ScpiFault{-108, "Parameter not allowed"};
    if (arguments.size() <= at || arguments[at].empty()) return {&outputs_.front()};
    std::vector<SupplyOutput*> found;
    for (const int number : channel_list(arguments[at], static_cast<int>(outputs_.size())))
        found.push_back(&outputs_[static_cast<std::size_t>(number - 1)]);
    return found;
}

void KeysightE36300Twin::on_outputs(const std::string& header,
                                    std::function<void(SupplyOutput&, const std::string&)> act) {
    on_command(header, [this, act = std::move(act)](const Call& call) {
        if (call.arguments.empty()) throw ScpiFault{-109, "Missing parameter"};
        for (auto* it : listed(call.arguments, 1))
            act(*it, call.arguments.front());
    });
}

void KeysightE36300Twin::ask_outputs(const std::string& header, PerOutput answer) {
    on_query(header, [this, answer = std::move(answer)](const Call& call) {
        std::string line;
        for (auto* it : listed(call.arguments, 0))
            line += (line.empty() ? "" : ",") + answer(*it);
        return line;
    });
}

void KeysightE36300Twin::add_setpoints() {
    on_outputs("[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]", [](auto& it, const auto& text) {
        if (!it.in_range_v(number_of(text))) throw ScpiFault{-222, "Data out of range"};
        it.set_volts(number_of(text));
    });
    ask_outputs("[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude]",
                [](auto& it) { return fmt::format("{:+.8E}", it.volts()); });
    on_outputs("[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]", [](auto& it, const auto& text) {
        if (!it.in_range_a(number_of(text))) throw ScpiFault{-222, "Data out of range"};
        it.set_amperes(number_of(text));
    });
    ask_outputs("[SOURce:]CURRent[:LEVel][:IMMediate][:AMPLitude]",
                [](auto& it) { return fmt::format("{:+.8E}", it.amperes()); });
    ask_outputs("MEASure[:SCALar]:VOLTage[:DC]",
                [](auto& it) { return fmt::format("{:+.8E}", it.read_volts()); });
    ask_outputs("MEASure[:SCALar]:CURRent[:DC]",
                [](auto& it) { return fmt::format("{:+.8E}", it.read_amperes()); });
    on_outputs("OUTPut[:STATe]", [](auto& it, const auto& text) { it.switch_to(switch_of(text)); });
    ask_outputs("OUTPut[:STATe]", [](auto& it) { return std::string(it.on() ? "1" : "0"); });
}

void KeysightE36300Twin::add_protections() {
    on_outputs("[SOURce:]VOLTage:PROTection[:LEVel]", [](auto& it, const auto& text) {
        if (number_of(text) <= 0 || !it.in_range_v(number_of(text) / 1.1))
            throw ScpiFault{-222, "Data out of range"};
        it.over_voltage.level = number_of(text);
        it.look();
    });
    ask_outputs("[SOURce:]VOLTage:PROTection[:LEVel]",
                [](auto& it) { return fmt::format("{:+.8E}", it.over_voltage.level); });
    on_outputs("[SOURce:]CURRent:PROTection:STATe", [](auto& it, const auto& text) {
        it.over_current.armed = switch_of(text);
        it.over_current.level = it.amperes();
        it.look();
    });
    ask_outputs("[SOURce:]CURRent:PROTection:STATe",
                [](auto& it) { return std::string(it.over_current.armed ? "1" : "0"); });
    ask_outputs("STATus:QUEStionable:CONDition", [this](auto& it) {
        it.over_current.level = it.amperes();
        it.look();
        return std::to_string((it.over_voltage.tripped ? over_voltage : 0) +
                              (it.over_current.tripped ? over_current : 0) +
                              (watchdog_tripped_ ? protection : 0));
    });
    on_command("OUTPut:PROTection:CLEar", [this](const Call& call) {
        watchdog_tripped_ = false;
        for (auto* it : listed(call.arguments, 0))
            it->over_voltage.tripped = it->over_current.tripped = false;
    });
}

void KeysightE36300Twin::add_watchdog() {
    on_command("OUTPut:PROTection:WDOG[:STATe]", [this](const Call& call) {
        watchdog_ = call.on_off();
        watch(++rounds_);
    });
    on_query("OUTPut:PROTection:WDOG[:STATe]",
             [this](const Call&) { return std::string(watchdog_ ? "1" : "0"); });
    on_command("OUTPut:PROTection:WDOG:DELay", [this](const Call& call) {
        if (call.number() < 1 || call.number() > 3600) throw ScpiFault{-222, "Data out of range"};
        watchdog_s_ = static_cast<int>(call.number());
    });
    on_query("OUTPut:PROTection:WDOG:DELay", [this](const Call&) { return std::to_string(watchdog_s_); });
}

void KeysightE36300Twin::heard() {
    if (watchdog_) watch(++rounds_);
}

void KeysightE36300Twin::watch(int round) {
    clock().at(clock().now() + std::chrono::seconds(watchdog_s_),
               [alive = std::weak_ptr(alive_), this, round] {
                   if (alive.expired() || rounds_ != round || !watchdog_) return;
                   watchdog_tripped_ = true;
                   for (auto& it : outputs_)
                       it.drop();
               });
}

void KeysightE36300Twin::reset() {
    watchdog_ = watchdog_tripped_ = false;
    for (auto& it : outputs_) {
        it.drop();
        it.set_volts(0.0);
        it.set_amperes(it.in_range_a(5.0) ? 5.0 : 1.0);
        // Its over-voltage protection is always there.
        it.over_voltage = {true, false, it.in_range_v(20.0) ? 22.0 : 6.6};
        it.over_current = {};
    }
}

}  // namespace rig
