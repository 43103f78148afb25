// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/korad_ka3005p.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include "instruments/drivers/supply_checks.hpp"
#include "instruments/drivers/turn_taking.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

constexpr Nanoseconds byte_time{1'041'667};
constexpr Nanoseconds silence{85'000'000};  ///< the slowest unit needs 80 ms, or it takes two words for one
constexpr Nanoseconds quiet{30'000'000};    ///< an answer has no end either
constexpr Nanoseconds answer_within{500'000'000};
constexpr Nanoseconds switched_within{500'000'000};
constexpr Nanoseconds falls_within{600'000'000};

constexpr unsigned constant_voltage = 1u, output_is_on = 1u << 6;  ///< of its status byte
constexpr unsigned over_current_armed = 1u << 5, over_voltage_armed = 1u << 7;

constexpr std::size_t number_letters = 5;  ///< "03.70", "0.500"
constexpr double volts_tolerance = 0.0051, amperes_tolerance = 0.00051;

TurnTaking::Manners manners() {
    TurnTaking::Manners own;
    own.byte_time = byte_time;
    own.silence = silence;
    own.quiet = quiet;
    own.answer_within = answer_within;
    return own;
}

/// Without the byte that some units add to what they answer.
std::string text_of(std::string answer) {
    while (!answer.empty() && (answer.back() <= ' ' || answer.back() > '~'))
        answer.pop_back();
    return answer;
}

}  // namespace

class KoradKa3005p::Output : public CellSupply, public std::enable_shared_from_this<Output> {
public:
    Output(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name)
        : line(clock, std::move(link), name, manners()) {}

    TurnTaking line;

    void set_voltage(Volts target) override {
        refuse_above(target.value, over_voltage_, "V");
        const bool falls = target < voltage_;
        voltage_ = target;
        set(fmt::format("VSET1:{:05.2f}", target.value), "VSET1?", target.value, volts_tolerance, "V");
        if (!on_) return;
        if (falls) expect_fall();
        check_status();
    }

    void set_current_limit(Amperes limit) override {
        refuse_above(limit.value, over_current_, "A");
        limit_ = limit;
        set(fmt::format("ISET1:{:05.3f}", limit.value), "ISET1?", limit.value, amperes_tolerance, "A");
        if (on_) check_status();
    }

    Reply<Volts> measure_voltage() override {
        return Reply<Volts>([it = shared_from_this(), turn = line.ask("VOUT1?")] {
            return Volts{it->number("VOUT1?", it->line.collect(turn))};
        });
    }

    Reply<Amperes> measure_current() override {
        return Reply<Amperes>([it = shared_from_this(), turn = line.ask("IOUT1?")] {
            return Amperes{it->number("IOUT1?", it->line.collect(turn))};
        });
    }

    void output_on() override {
        if (on_) return;
        if (!limit_) line.fail("has no current limit yet, so its output stays off");
        output_off();
        set_voltage(voltage_);
        set_current_limit(*limit_);
        if (over_voltage_) arm("OVP1", over_voltage_armed);
        if (over_current_) arm("OCP1", over_current_armed);
        on_ = true;  // from here on it may be on, whatever goes wrong
        line.tell("OUT1");
        settle(output_is_on, output_is_on, "is it blocked at its front panel, or did a protection trip?");
        check_status();
    }

    void output_off() override {
        line.insist([&] {
            line.tell("OUT0");
            settle(output_is_on, 0, "NOT confirmed off: switch it off by hand");
        });
        if (std::exchange(on_, false)) look_for_fall(discharged);
    }

    SupplyAbilities abilities() const override { return {false, true, true, false}; }

    void protect_above(Volts level) override {
        refuse_above(voltage_.value, level.value, "V");
        arm("OVP1", over_voltage_armed);
        over_voltage_ = level.value;
    }

    void protect_above(Amperes level) override {
        if (limit_) refuse_above(limit_->value, level.value, "A");
        arm("OCP1", over_current_armed);
        over_current_ = level.value;
    }

    std::vector<std::string> alarms() override {
        const auto bits = status();
        if (!on_) return {};
        // It says that a protection is armed, never that it tripped: but nobody else switched it off.
        if (!(bits & output_is_on)) {
            if (over_voltage_ && over_current_) return {"over-voltage or over-current"};
            return {over_voltage_ ? "over-voltage" : over_current_ ? "over-current" : "switched off by hand"};
        }
        if (!(bits & constant_voltage)) return {"over-current"};
        return {};
    }

    // Disarming is all there is; switching on arms them again.
    void clear_alarms() override {
        if (over_voltage_) line.tell("OVP0");
        if (over_current_) line.tell("OCP0");
    }

    unsigned status() {
        const auto answer = line.query("STATUS?");
        if (answer.size() != 1)
            line.fail(
                fmt::format("\"STATUS?\" was answered with {} bytes, not one, on {}\n"
                            "  try     does somebody else use this line?",
                            answer.size(), line.link_name()));
        return static_cast<unsigned char>(answer.front());
    }

private:
    // A unit may add a byte to what it answers: the number is its first letters.
    double number(const std::string& word, const std::string& answer) {
        double value = 0.0;
        const auto end = answer.data() + std::min(answer.size(), number_letters);
        const auto [rest, error] = std::from_chars(answer.data(), end, value);
        if (error != std::errc{} || rest != end || answer.size() < number_letters)
            line.fail(fmt::format("\"{}\" was answered \"{}\", which is no number, on {}", word, answer,
                                  line.link_name()));
        return value;
    }

    void set(const std::string& word, const std::string& ask, double target, double tolerance,
             const char* symbol) {
        line.tell(word);
        const double held = number(ask, line.query(ask));
        if (std::abs(held - target) > tolerance)
            line.fail(
                fmt::format("asked for {:.3f} {}, the supply holds {:.3f} {} on {}\n"
                            "  try     stay within what the instrument can deliver",
                            target, symbol, held, symbol, line.link_name()));
    }

    void refuse_above(double setpoint, std::optional<double> level, const char* symbol) {
        if (!level || setpoint <= *level) return;
        line.fail(
            fmt::format("shall switch off above {:.3f} {}, so it is not set to {:.3f} {}: its protection "
                        "has no level of its own",
                        *level, symbol, setpoint, symbol));
    }

    void arm(const std::string& word, unsigned bit) {
        line.tell(word);
        settle(bit, bit, "is its protection disabled at the front panel?");
    }

    void settle(unsigned bit, unsigned wanted, const char* else_try) {
        const auto deadline = line.clock().now() + switched_within;
        for (;;) {
            const auto bits = status();
            if ((bits & bit) == wanted) return;
            if (line.clock().now() >= deadline)
                line.fail(fmt::format("\"STATUS?\" still answers 0x{:02x} after {} ms, on {}\n  try     {}",
                                      bits, switched_within.count() / 1'000'000, line.link_name(), else_try));
        }
    }

    std::optional<Volts> look_for_fall(Volts level) {
        // Each look takes its time on the line.
        return still_above(level, *this, line.clock(), falls_within, {});
    }

    void expect_fall() {
        if (const auto stands = look_for_fall(voltage_ + settled))
            line.fail(not_fallen(voltage_, *stands, line.link_name()));
    }

    void check_status() {
        const auto raised = alarms();
        if (!raised.empty()) line.fail(raises(raised, line.link_name()));
    }

    Volts voltage_{0.0};
    std::optional<Amperes> limit_;
    std::optional<double> over_voltage_, over_current_;
    bool on_ = false;
};

KoradKa3005p::KoradKa3005p(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name)
    : output_(std::make_shared<Output>(clock, std::move(link), name)) {
    auto& line = output_->line;
    const auto identity = line.query("*IDN?");
    if (identity.find("KA3005P") == std::string::npos && identity.find("72-2540") == std::string::npos)
        line.fail(
            fmt::format("is \"{}\", not a KA3005P, on {}\n  try     another link or driver in the fixture",
                        identity, line.link_name()));
    identity_ = {name, line.link_name(), text_of(identity)};
    output_->output_off();
}

KoradKa3005p::~KoradKa3005p() = default;

InstrumentIdentity KoradKa3005p::identity() const {
    return identity_;
}

CellSupply& KoradKa3005p::channel(int number) {
    if (number != 1) throw std::out_of_range("a KA3005P has one channel");
    return *output_;
}

// Silence ends what somebody left half said: nothing else does.
OffSequence KoradKa3005p::off_sequence() const {
    OffSequence sequence;
    sequence.flush_silence = silence;
    sequence.steps.push_back({"OUT0", {}, 4 * byte_time + silence});
    OffSequence::Answer is_off;
    is_off.kind = OffSequence::Answer::Kind::bytes;
    is_off.bytes = std::string(1, '\0');
    is_off.mask = std::string(1, static_cast<char>(output_is_on));
    is_off.within = answer_within;
    sequence.steps.push_back({"STATUS?", is_off, silence});
    return sequence;
}

int KoradKa3005p::descriptor() const {
    return output_->line.descriptor();
}

}  // namespace rig
