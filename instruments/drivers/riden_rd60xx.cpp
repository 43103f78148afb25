// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/riden_rd60xx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include "instruments/drivers/supply_checks.hpp"
#include "instruments/instrument_error.hpp"
#include "instruments/modbus_frame.hpp"

namespace rig {
namespace {

enum Address : std::uint16_t {
    model = 0,
    set_volts = 8,
    set_amperes = 9,
    volts = 10,
    amperes = 11,
    protection = 16,
    constant_current = 17,
    output = 18,
    over_voltage = 82,
    over_current = 83
};

constexpr std::uint16_t tripped_over_voltage = 1, tripped_over_current = 2;

constexpr Nanoseconds switched_within{500'000'000}, falls_within{600'000'000}, look_again{10'000'000};
constexpr Nanoseconds answer_within{500'000'000};
constexpr Nanoseconds least_silence{5'000'000};  ///< what whoever plays the off-sequence can keep
constexpr double volts_step = 0.01;

}  // namespace

class RidenRd60xx::Output : public CellSupply, public std::enable_shared_from_this<Output> {
public:
    Output(Clock& its_clock, std::unique_ptr<RegisterLink> its_link, std::string its_name)
        : clock(its_clock), link(std::move(its_link)), name(std::move(its_name)) {
        const int number = read(model);
        identity = {name, link->name(), fmt::format("Riden, model {}", number)};
        if (number / 10 == 6006 && number % 10 != 5)
            amperes_step_ = 0.001;
        else if (number / 10 != 6012 && number / 10 != 6018)
            fail(
                fmt::format("says that it is model {}, not an RD6006, RD6012 or RD6018, on {}\n"
                            "  try     another link or driver in the fixture",
                            number, link->name()));
    }

    Clock& clock;
    std::unique_ptr<RegisterLink> link;
    std::string name;
    InstrumentIdentity identity;

    void set_voltage(Volts target) override {
        const bool falls = target < voltage_;
        voltage_ = target;
        set(set_volts, target.value, volts_step, "V");
        if (!on_) return;
        if (falls) expect_fall();
        check_status();
    }

    void set_current_limit(Amperes limit) override {
        limit_ = limit;
        set(set_amperes, limit.value, amperes_step_, "A");
        if (on_) check_status();
    }

    Reply<Volts> measure_voltage() override { return measure<Volts>(volts, volts_step); }
    Reply<Amperes> measure_current() override { return measure<Amperes>(amperes, amperes_step_); }

    void output_on() override {
        if (on_) return;
        if (!limit_) fail("has no current limit yet, so its output stays off");
        output_off();
        set_voltage(voltage_);
        set_current_limit(*limit_);
        if (over_voltage_) set(over_voltage, *over_voltage_, volts_step, "V");
        if (over_current_) set(over_current, *over_current_, amperes_step_, "A");
        on_ = true;  // from here on it may be on, whatever goes wrong
        switch_to(1, "did a protection trip?");
        check_status();
    }

    void output_off() override {
        try {
            switch_to(0, "NOT confirmed off: switch it off by hand");
        } catch (const InstrumentError&) {
            switch_to(0, "NOT confirmed off: switch it off by hand");
        }
        if (std::exchange(on_, false)) look_for_fall(discharged);
    }

    SupplyAbilities abilities() const override { return {false, true, true, false}; }

    void protect_above(Volts level) override {
        set(over_voltage, level.value, volts_step, "V");
        over_voltage_ = level.value;
    }
    void protect_above(Amperes level) override {
        set(over_current, level.value, amperes_step_, "A");
        over_current_ = level.value;
    }

    std::vector<std::string> alarms() override {
        const auto tripped = read(protection);
        if (tripped == tripped_over_voltage) return {"over-voltage"};
        if (tripped == tripped_over_current || (on_ && read(constant_current) != 0)) return {"over-current"};
        return {};
    }

    // Switching it off by word is what makes it forget.
    void clear_alarms() override { output_off(); }

    [[noreturn]] void fail(const std::string& message) const { throw InstrumentError(name, message); }

private:
    template <class T>
    T in_its_name(const std::function<T()>& action) const {
        try {
            return action();
        } catch (const RegisterError& error) {
            fail(fmt::format(
                "{} on {}\n  try     is it switched on, and do link and fixture agree (baud rate, "
                "address)?",
                error.what(), link->name()));
        }
    }

    int read(Address address) {
        return in_its_name<int>([&] { return link->read_holding(address, 1).get().at(0); });
    }

    void write(Address address, int value) {
        in_its_name<int>([&] {
            link->write_single(address, static_cast<std::uint16_t>(value)).get();
            return 0;
        });
    }

    template <class Quantity>
    Reply<Quantity> measure(Address address, double step) {
        auto reply = std::make_shared<Reply<Registers>>(link->read_holding(address, 1));
        return Reply<Quantity>([it = shared_from_this(), reply, step] {
            return Quantity{step * it->in_its_name<int>([&] { return reply->get().at(0); })};
        });
    }

    void set(Address address, double target, double step, const char* symbol) {
        const auto steps = std::llround(target / step);
        if (steps < 0 || steps > 0xffff) fail(fmt::format("cannot be set to {:.3f} {}", target, symbol));
        write(address, static_cast<int>(steps));
        const double held = step * read(address);
        if (std::abs(held - target) > 0.51 * step)
            fail(
                fmt::format("asked for {:.3f} {}, the supply holds {:.3f} {} on {}\n"
                            "  try     stay within what the instrument can deliver",
                            target, symbol, held, symbol, link->name()));
    }

    void switch_to(int wanted, const char* else_try) {
        write(output, wanted);
        const auto deadline = clock.now() + switched_within;
        while (read(output) != wanted) {
            if (clock.now() >= deadline)
                fail(fmt::format("its output register does not become {} within {} ms on {}\n  try     {}",
                                 wanted, switched_within.count() / 1'000'000, link->name(), else_try));
            clock.run_for(look_again);
        }
    }

    std::optional<Volts> look_for_fall(Volts level) {
        return still_above(level, *this, clock, falls_within, look_again);
    }

    void expect_fall() {
        if (const auto stands = look_for_fall(voltage_ + settled))
            fail(not_fallen(voltage_, *stands, link->name()));
    }

    void check_status() {
        const auto raised = alarms();
        if (!raised.empty()) fail(raises(raised, link->name()));
    }

    double amperes_step_ = 0.01;
    Volts voltage_{0.0};
    std::optional<Amperes> limit_;
    std::optional<double> over_voltage_, over_current_;
    bool on_ = false;
};

RidenRd60xx::RidenRd60xx(Clock& clock, std::unique_ptr<RegisterLink> link, const std::string& name)
    : output_(std::make_shared<Output>(clock, std::move(link), name)) {
    output_->output_off();
}

RidenRd60xx::~RidenRd60xx() = default;

InstrumentIdentity RidenRd60xx::identity() const {
    return output_->identity;
}

CellSupply& RidenRd60xx::channel(int number) {
    if (number != 1) throw std::out_of_range("an RD60xx has one channel");
    return *output_;
}

// Silence ends what somebody left half said.
OffSequence RidenRd60xx::off_sequence() const {
    constexpr int read_holding = 3, write_single = 6;
    const int unit = output_->link->unit();
    const auto answered_by = [](const std::string& frame) {
        return OffSequence::Answer::exactly(frame, answer_within);
    };
    const auto off = modbus_frame(unit, write_single, modbus_word(output) + modbus_word(0));
    const auto ask = modbus_frame(unit, read_holding, modbus_word(output) + modbus_word(1));
    const auto is_off = modbus_frame(unit, read_holding, std::string{2} + modbus_word(0));
    const auto frame_silence = std::max(least_silence, output_->link->frame_silence());
    OffSequence sequence;
    sequence.flush_silence = frame_silence;
    sequence.steps.push_back({off, answered_by(off), OffSequence::output_follows});
    sequence.steps.push_back({ask, answered_by(is_off), frame_silence});
    return sequence;
}

int RidenRd60xx::descriptor() const {
    return output_->link->descriptor();
}

}  // namespace rig
