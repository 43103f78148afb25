// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_channel.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "instruments/drivers/supply_checks.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

constexpr Nanoseconds look_again{10'000'000};
constexpr const char* somebody_else = "does another program or a hand at the front panel use it?";

std::string with_value(const std::string& text, int channel, const ScpiDialect::Setting& setting,
                       double target) {
    const auto number = fmt::format("{:.{}f}", target / setting.unit + 0.0, setting.decimals);
    return replaced(for_channel(text, channel), "{value}", number);
}

}  // namespace

ScpiChannel::ScpiChannel(ScpiUnit& unit, int number)
    : unit_(unit),
      dialect_(unit.dialect),
      number_(number),
      name_(unit.session.instrument() + ", channel " + std::to_string(number)) {
}

void ScpiChannel::set_voltage(Volts target) {
    const bool falls = target < voltage_;
    refuse_above(dialect_.over_voltage, target.value, over_voltage_, "V");
    voltage_ = target;
    apply_voltage();
    if (!on_) return;
    if (falls) expect_fall();
    check_status();
}

void ScpiChannel::set_current_limit(Amperes limit) {
    refuse_above(dialect_.over_current, limit.value, over_current_, "A");
    limit_ = limit;
    apply_limit();
    if (on_) check_status();
}

void ScpiChannel::apply_voltage() {
    set(dialect_.voltage, voltage_.value, "V");
}

void ScpiChannel::apply_limit() {
    set(dialect_.current, limit_->value, "A");
    if (dialect_.sink.sign_varies)
        set_of_either_sign(dialect_.sink, limit_->value, "A");
    else if (!dialect_.sink.set.empty())
        set(dialect_.sink, limit_->value, "A");
}

Reply<Volts> ScpiChannel::measure_voltage() {
    auto value = unit_.measure(number_, dialect_.voltage, unit_.voltages);
    return Reply<Volts>([value = std::move(value)] { return Volts{value()}; });
}

Reply<Amperes> ScpiChannel::measure_current() {
    auto value = unit_.measure(number_, dialect_.current, unit_.currents);
    return Reply<Amperes>([value = std::move(value)] { return Amperes{value()}; });
}

// Nobody knows what hands at the front panel or a former program left
// behind: each time the whole order, from verified off.
void ScpiChannel::output_on() {
    if (on_) return;
    if (!limit_) throw InstrumentError(name_, "has no current limit yet, so its output stays off");
    output_off();
    unit_.take(dialect_.mode, number_, somebody_else);
    unit_.take(dialect_.range, number_, somebody_else);
    apply_voltage();
    apply_limit();
    if (over_voltage_) arm(dialect_.over_voltage, *over_voltage_, "V");
    if (over_current_) arm(dialect_.over_current, *over_current_, "A");
    unit_.arm_watchdog_again();
    on_ = true;  // from here on it may be on, whatever goes wrong
    unit_.take(dialect_.on, number_, somebody_else);
    check_status();
}

void ScpiChannel::output_off() {
    const auto& off = dialect_.off;
    unit_.session.insist([&] {
        auto& session = unit_.speak();
        session.tell(for_channel(off.set, number_));
        session.settle(for_channel(off.ask, number_), off.answer, dialect_.switched_within,
                       "NOT confirmed off: switch channel " + std::to_string(number_) + " off by hand",
                       [&](const std::string& answer) { return unit_.state_of(off, number_, answer); });
    });
    const bool was_on = std::exchange(on_, false);
    // What the cell's board still lives on is gone when this returns, unless something else feeds it.
    if (was_on) look_for_fall(discharged);
}

SupplyAbilities ScpiChannel::abilities() const {
    return {dialect_.sinks, dialect_.over_voltage.there(), dialect_.over_current.there(),
            !dialect_.watchdog.set.empty()};
}

void ScpiChannel::protect_above(Volts level) {
    refuse_above(dialect_.over_voltage, voltage_.value, level.value, "V");
    arm(dialect_.over_voltage, level.value, "V");
    over_voltage_ = level.value;
}

void ScpiChannel::protect_above(Amperes level) {
    if (limit_) refuse_above(dialect_.over_current, limit_->value, level.value, "A");
    arm(dialect_.over_current, level.value, "A");
    over_current_ = level.value;
}

void ScpiChannel::arm(const ScpiDialect::Protection& protection, double level, const char* symbol) {
    if (!protection.there())
        throw InstrumentError(name_,
                              fmt::format("has no protection against too many {}: a {} cannot do that",
                                          symbol == std::string("V") ? "volts" : "amperes", dialect_.name));
    if (!protection.level.set.empty()) set(protection.level, level, symbol);
    unit_.take(protection.enable, number_, somebody_else);
}

void ScpiChannel::refuse_above(const ScpiDialect::Protection& protection, double setpoint,
                               std::optional<double> level, const char* symbol) {
    if (!level || !protection.level.set.empty() || setpoint <= *level) return;
    throw InstrumentError(name_,
                          fmt::format("shall switch off above {:.4f} {}, so it is not set to {:.4f} {}: "
                                      "its protection has no level of its own",
                                      *level, symbol, setpoint, symbol));
}

bool ScpiChannel::says(const ScpiDialect::Step& step) {
    if (step.ask.empty()) return false;
    const auto answer = unit_.speak().query(for_channel(step.ask, number_));
    return same_answer(unit_.state_of(step, number_, answer), step.answer);
}

std::vector<std::string> ScpiChannel::alarms() {
    std::vector<std::string> raised;
    if (says(dialect_.over_voltage.tripped)) raised.emplace_back("over-voltage");
    if (says(dialect_.over_current.tripped) || says(dialect_.limiting)) raised.emplace_back("over-current");
    if (!dialect_.status.empty()) {
        const auto query = for_channel(dialect_.status, number_);
        const auto bits = unit_.bits_of(query, unit_.speak().query(query));
        for (std::size_t bit = 0; bit < dialect_.alarms.size(); ++bit)
            if (bits >> bit & 1u && !dialect_.alarms[bit].empty()) raised.push_back(dialect_.alarms[bit]);
    }
    return raised;
}

void ScpiChannel::clear_alarms() {
    for (const auto* protection : {&dialect_.over_voltage, &dialect_.over_current}) {
        if (protection->clear.empty()) continue;
        const auto command = for_channel(protection->clear, number_);
        unit_.speak().tell(command, dialect_.errors);
    }
}

std::vector<std::string> ScpiChannel::errors() {
    return unit_.speak().take_errors(dialect_.errors);
}

double ScpiChannel::ask(const ScpiDialect::Setting& setting) {
    const auto query = for_channel(setting.ask, number_);
    return parse_number(unit_.session, unit_.speak().query(query), query) * setting.unit;
}

// A supply may clamp without a word; only reading back tells.
void ScpiChannel::set(const ScpiDialect::Setting& setting, double target, const char* symbol) {
    const auto command = with_value(setting.set, number_, setting, target);
    unit_.speak().tell(command, dialect_.errors);
    const auto held = ask(setting);
    if (std::abs(held - target) > setting.tolerance) not_held(target, held, symbol);
}

void ScpiChannel::set_of_either_sign(const ScpiDialect::Setting& setting, double target, const char* symbol) {
    double held = 0.0;
    for (const double sign : {-1.0, 1.0}) {
        unit_.speak().tell(with_value(setting.set, number_, setting, sign * target));
        unit_.session.take_errors(dialect_.errors);  // the wrong sign may be one
        held = std::abs(ask(setting));
        if (std::abs(held - target) <= setting.tolerance) return;
    }
    not_held(target, held, symbol);
}

void ScpiChannel::not_held(double target, double held, const char* symbol) {
    throw InstrumentError(name_,
                          fmt::format("asked for {:.4f} {}, the supply holds {:.4f} {} on {}\n"
                                      "  try     stay within what the instrument can deliver; look for "
                                      "a limit set at its front panel",
                                      target, symbol, held, symbol, unit_.session.link_name()));
}

std::optional<Volts> ScpiChannel::look_for_fall(Volts level) {
    if (dialect_.falls_within == Nanoseconds{0}) return std::nullopt;
    return still_above(level, *this, unit_.session.clock(), dialect_.falls_within, look_again);
}

void ScpiChannel::expect_fall() {
    if (const auto stands = look_for_fall(voltage_ + settled))
        throw InstrumentError(name_, not_fallen(voltage_, *stands, unit_.session.link_name()));
}

void ScpiChannel::check_status() {
    if (dialect_.status.empty() && dialect_.limiting.ask.empty() && !over_voltage_ && !over_current_) return;
    const auto raised = alarms();
    if (!raised.empty()) throw InstrumentError(name_, raises(raised, unit_.session.link_name()));
}

}  // namespace rig
