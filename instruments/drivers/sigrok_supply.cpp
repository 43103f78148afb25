// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/sigrok_supply.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "instruments/drivers/supply_checks.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

using Use = SigrokLink::Use;
using Value = SigrokLink::Value;

// libsigrok's words.
constexpr const char *target = "voltage_target", *limit = "current_limit", *enabled = "enabled",
                     *volts = "voltage", *amperes = "current", *regulation = "regulation";

constexpr Nanoseconds switched_within{500'000'000}, falls_within{1'000'000'000};
constexpr double step_of_most = 0.01;  ///< of supplies of whose steps libsigrok knows nothing

/// A protection, as libsigrok has it. Supplies that can only be told to mind it trip at the setpoint.
struct Protection {
    const char *switched, *level, *tripped, *symbol;
};
constexpr Protection over_voltage{"ovp_enabled", "ovp_threshold", "ovp_active", "V"},
    over_current{"ocp_enabled", "ocp_threshold", "ocp_active", "A"};

}  // namespace

class SigrokSupply::Output : public CellSupply {
public:
    Output(std::shared_ptr<SigrokLink> link, std::string name, int number)
        : link_(std::move(link)), name_(std::move(name)), number_(number) {
        for (const char* key : {target, limit, enabled}) {
            if (!can(Use::read, key) || !can(Use::write, key)) lacks(key, "set and read back");
        }
        for (const char* key : {volts, amperes}) {
            if (!can(Use::read, key)) lacks(key, "asked for");
        }
    }

    void set_voltage(Volts wanted) override {
        refuse_above(over_voltage, wanted.value, over_voltage_);
        const bool falls = wanted < voltage_;
        voltage_ = wanted;
        set(target, wanted.value, "V");
        if (!on_) return;
        if (falls) expect_fall();
        check_status();
    }

    void set_current_limit(Amperes most) override {
        refuse_above(over_current, most.value, over_current_);
        limit_ = most;
        set(limit, most.value, "A");
        if (on_) check_status();
    }

    Reply<Volts> measure_voltage() override { return measure<Volts>(volts); }
    Reply<Amperes> measure_current() override { return measure<Amperes>(amperes); }

    void output_on() override {
        if (on_) return;
        if (!limit_) fail("has no current limit yet, so its output stays off");
        output_off();
        set_voltage(voltage_);
        set_current_limit(*limit_);
        if (over_voltage_) arm(over_voltage, *over_voltage_);
        if (over_current_) arm(over_current, *over_current_);
        on_ = true;  // from here on it may be on, whatever goes wrong
        switch_to(true, "did a protection of its own trip, or does a hand at its front panel use it?");
        check_status();
    }

    void output_off() override {
        try {
            switch_to(false, "NOT confirmed off: switch it off by hand");
        } catch (const InstrumentError&) {  // its link was opened anew after that
            switch_to(false, "NOT confirmed off: switch it off by hand");
        }
        if (std::exchange(on_, false)) look_for_fall(discharged);
    }

    SupplyAbilities abilities() const override {
        return {false, protects(over_voltage), protects(over_current), false};
    }

    void protect_above(Volts level) override {
        refuse_above(over_voltage, voltage_.value, level.value);
        arm(over_voltage, level.value);
        over_voltage_ = level.value;
    }
    void protect_above(Amperes level) override {
        if (limit_) refuse_above(over_current, limit_->value, level.value);
        arm(over_current, level.value);
        over_current_ = level.value;
    }

    std::vector<std::string> alarms() override {
        std::vector<std::string> raised;
        if (holds(over_voltage.tripped)) raised.emplace_back("over-voltage");
        if (holds(over_current.tripped) || limits()) raised.emplace_back("over-current");
        if (holds("otp_active")) raised.emplace_back("over-temperature");
        return raised;
    }

private:
    template <class T>
    T in_its_name(const std::function<T()>& action) const {
        try {
            return action();
        } catch (const SigrokError& error) {
            fail(
                fmt::format("{} on {}\n  try     is it switched on and plugged in, and does nobody else "
                            "talk to it?",
                            error.what(), link_->name()));
        }
    }

    [[noreturn]] void fail(const std::string& message) const { throw InstrumentError(name_, message); }

    [[noreturn]] void lacks(const char* key, const char* use) const {
        fail(fmt::format(
            "is a {}, whose \"{}\" cannot be {} through libsigrok, on {}\n  try     another driver",
            link_->identity(), key, use, link_->name()));
    }

    bool can(Use use, const char* key) const { return link_->can(use, number_, key); }

    template <class T>
    T read(const char* key) {
        return in_its_name<T>([&] { return std::get<T>(link_->read(number_, key).get()); });
    }

    void write(const char* key, const Value& value) {
        in_its_name<void>([&] { link_->write(number_, key, value).get(); });
    }

    template <class T>
    Reply<T> measure(const char* key) {
        return Reply<T>([this, reply = std::make_shared<Reply<Value>>(link_->read(number_, key))] {
            return T{in_its_name<double>([&] { return std::get<double>(reply->get()); })};
        });
    }

    /// What libsigrok takes for done may have been refused: only reading back tells.
    void set(const char* key, double wanted, const char* symbol) {
        write(key, wanted);
        const double held = read<double>(key);
        const double step = link_->step(number_, key).value_or(step_of_most);
        if (std::abs(held - wanted) <= 0.51 * step) return;
        fail(
            fmt::format("asked for {:.4f} {}, the supply holds {:.4f} {} on {}\n"
                        "  try     stay within what the instrument can deliver; look for "
                        "a limit set at its front panel",
                        wanted, symbol, held, symbol, link_->name()));
    }

    void switch_to(bool on, const char* else_try) {
        write(enabled, on);
        const auto deadline = link_->clock().now() + switched_within;
        while (read<bool>(enabled) != on) {
            if (link_->clock().now() < deadline) continue;  // each look takes its own time
            fail(fmt::format("\"{}\" still reads {} after {} ms, on {}\n  try     {}", enabled, !on,
                             switched_within.count() / 1'000'000, link_->name(), else_try));
        }
    }

    bool protects(const Protection& it) const { return can(Use::write, it.switched) || has_level(it); }
    bool has_level(const Protection& it) const {
        return can(Use::write, it.level) && can(Use::read, it.level);
    }

    void refuse_above(const Protection& it, double setpoint, std::optional<double> level) const {
        if (!level || has_level(it) || setpoint <= *level) return;
        fail(
            fmt::format("shall switch off above {:.3f} {}, so it is not set to {:.3f} {}: libsigrok knows no "
                        "level of its protection",
                        *level, it.symbol, setpoint, it.symbol));
    }

    void arm(const Protection& it, double level) {
        if (!protects(it))
            fail(fmt::format("has no protection against too many {} that libsigrok knows of, on {}",
                             it.symbol == over_voltage.symbol ? "volts" : "amperes", link_->name()));
        if (has_level(it)) set(it.level, level, it.symbol);
        if (!can(Use::write, it.switched)) return;
        write(it.switched, true);
        if (can(Use::read, it.switched) && !read<bool>(it.switched))
            fail(fmt::format("\"{}\" does not stay on, on {}\n  try     is it disabled at the front panel?",
                             it.switched, link_->name()));
    }

    bool holds(const char* key) { return can(Use::read, key) && read<bool>(key); }

    bool limits() {
        return on_ && can(Use::read, regulation) && read<std::string>(regulation).starts_with("CC");
    }

    std::optional<Volts> look_for_fall(Volts level) {
        return still_above(level, *this, link_->clock(), falls_within, {});
    }

    void expect_fall() {
        if (const auto stands = look_for_fall(voltage_ + settled))
            fail(not_fallen(voltage_, *stands, link_->name()));
    }

    void check_status() {
        const auto raised = alarms();
        if (!raised.empty()) fail(raises(raised, link_->name()));
    }

    std::shared_ptr<SigrokLink> link_;
    std::string name_;
    int number_;
    Volts voltage_{0.0};
    std::optional<Amperes> limit_;
    std::optional<double> over_voltage_, over_current_;
    bool on_ = false;
};

SigrokSupply::SigrokSupply(std::unique_ptr<SigrokLink> link, const std::string& name, int channels)
    : link_(std::move(link)), name_(name) {
    if (channels > link_->outputs())
        throw InstrumentError(
            name,
            fmt::format("is a {} with {} outputs that libsigrok knows, not {}, on {}\n  try     another "
                        "link, or [cells] channels = {} in the fixture",
                        link_->identity(), link_->outputs(), channels, link_->name(), link_->outputs()));
    for (int number = 1; number <= channels; ++number) {
        const auto its_name = fmt::format("{}, channel {}", name, number);
        outputs_.push_back(std::make_unique<Output>(link_, its_name, number));
        outputs_.back()->output_off();
    }
}

SigrokSupply::~SigrokSupply() = default;

InstrumentIdentity SigrokSupply::identity() const {
    return {name_, link_->name(), link_->identity()};
}

int SigrokSupply::channels() const {
    return static_cast<int>(outputs_.size());
}

CellSupply& SigrokSupply::channel(int number) {
    return *outputs_.at(static_cast<std::size_t>(number - 1));
}

}  // namespace rig
