// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/keithley_2400.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

#include "instruments/drivers/scpi_session.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

constexpr Nanoseconds answer_within{1'000'000'000};
constexpr Nanoseconds switched_within{500'000'000};
constexpr Nanoseconds flush_silence{1'000'000};
constexpr const char* errors = ":SYST:ERR?";
constexpr double not_a_reading = 9.9e37;  ///< overflow, or a quantity that is not being measured

/// The two things it can source: the commands are the same but for the words.
struct Function {
    const char* word;   ///< what it sources
    const char* other;  ///< what its compliance bounds
    const char* symbol;
    const char* other_symbol;
    double setpoint_floor;  ///< SI: below this, a setpoint read back may differ
};

constexpr Function current{"CURR", "VOLT", "A", "V", 1e-6};
constexpr Function voltage{"VOLT", "CURR", "V", "A", 1e-5};

}  // namespace

struct Keithley2400::Parts {
    Parts(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name)
        : session(clock, std::move(link), name, answer_within) {}

    ScpiSession session;
    const Function* function = &voltage;  ///< what *RST leaves
    std::optional<double> compliance;     ///< of the present function, once known
    double target = 0.0;
    bool on = false;

    void tell(const std::string& command) { session.tell(command, errors); }

    void tell_number(const std::string& header, double value, double floor, const char* symbol) {
        tell(fmt::format("{} {:.6E}", header, value + 0.0));
        const auto query = header + "?";
        const auto held = parse_number(session, session.query(query), query);
        // A range's step is at most 5e-4 of what is just beyond the range below.
        if (std::abs(held - value) > floor + 2.5e-4 * std::abs(value))
            session.fail(fmt::format("asked for {:.6g} {}, \"{}\" answers {:.6g} {} on {}", value, symbol,
                                     query, held, symbol, session.link_name()));
    }

    void switch_output(bool wanted) {
        const std::string command = wanted ? ":OUTP ON" : ":OUTP OFF";
        if (wanted) {
            on = true;  // from here on it may be, whatever goes wrong
            tell(command);
        } else {
            session.tell(command);
        }
        session.settle(":OUTP?", wanted ? "1" : "0", switched_within,
                       wanted ? "is its output blocked by the interlock at its rear?"
                              : "NOT confirmed off: switch it off by hand");
        on = wanted;
    }

    // The instrument itself drops its output when the function changes.
    void select(const Function& wanted) {
        if (function == &wanted) return;
        switch_output(false);
        tell(fmt::format(":SOUR:FUNC {}", wanted.word));
        session.settle(":SOUR:FUNC?", wanted.word, Nanoseconds{0}, "does another program use it?");
        function = &wanted;
        // What this function last sourced must not clash with the compliance to come.
        tell_number(fmt::format(":SOUR:{}", wanted.word), 0.0, wanted.setpoint_floor, wanted.symbol);
        compliance.reset();
    }

    void source(const Function& wanted, double value, double bound) {
        select(wanted);
        const auto set_bound = [&] {
            if (compliance == bound) return;
            tell_number(fmt::format(":SENS:{}:PROT", wanted.other), bound, 1e-9, wanted.other_symbol);
            compliance = bound;
        };
        // Full current and full voltage exclude each other: what shrinks goes first.
        const bool bound_first = !compliance || bound < *compliance;
        if (bound_first) set_bound();
        tell_number(fmt::format(":SOUR:{}", wanted.word), value, wanted.setpoint_floor, wanted.symbol);
        if (!bound_first) set_bound();
        target = value;
        if (on) check_compliance();
    }

    bool at_compliance() {
        const auto query = fmt::format(":SENS:{}:PROT:TRIP?", function->other);
        return parse_number(session, session.query(query), query) != 0;
    }

    void check_compliance() {
        if (!at_compliance()) return;
        session.fail(fmt::format(
            "cannot hold {:.6g} {} within {:.6g} {}, on {}\n"
            "  try     {}",
            target, function->symbol, compliance.value_or(0.0), function->other_symbol, session.link_name(),
            function == &current ? "is its circuit closed? its wire broken, or too long?"
                                 : "is its output short-circuited?"));
    }

    ScpiSession::Pending ask_reading() {
        // The instrument would answer nothing at all.
        if (!on) session.fail("measures only while its output is on");
        return session.ask(":READ?");
    }

    /// `index` 0: volts, 1: amperes, as :FORM:ELEM VOLT,CURR has them.
    double collect_reading(const ScpiSession::Pending& pending, int index) {
        const auto answer = session.collect(pending);
        const auto comma = answer.find(',');
        if (comma == std::string::npos || answer.find(',', comma + 1) != std::string::npos)
            session.fail(fmt::format("\":READ?\" was answered \"{}\", not volts and amperes", answer));
        const auto value =
            parse_number(session, index == 0 ? answer.substr(0, comma) : answer.substr(comma + 1), ":READ?");
        if (std::abs(value) >= not_a_reading)
            session.fail(fmt::format("\":READ?\" was answered \"{}\": no reading", answer));
        return value;
    }
};

Keithley2400::Keithley2400(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name)
    : parts_(std::make_shared<Parts>(clock, std::move(link), name)) {
    auto& it = *parts_;
    const auto identity = it.session.query("*IDN?");
    if (identity.find("MODEL 2400") == std::string::npos)
        it.session.fail(
            fmt::format("is \"{}\", not a Keithley 2400, on {}\n  try     another link in the fixture",
                        identity, it.session.link_name()));
    it.session.take_errors(errors);  // of before our time
    it.tell("*RST");
    it.switch_output(false);
    // Without these two it would send five elements, and a voltage it never measured.
    it.tell(":SENS:FUNC:CONC ON");
    it.tell(":SENS:FUNC \"VOLT\",\"CURR\"");
    it.tell(":FORM:ELEM VOLT,CURR");
}

Keithley2400::~Keithley2400() = default;

InstrumentIdentity Keithley2400::identity() const {
    return parts_->session.identity();
}

void Keithley2400::source_current(Amperes target, Volts compliance) {
    parts_->source(current, target.value, compliance.value);
}

void Keithley2400::source_voltage(Volts target, Amperes compliance) {
    parts_->source(voltage, target.value, compliance.value);
}

Reply<Volts> Keithley2400::measure_voltage() {
    return Reply<Volts>([parts = parts_, pending = parts_->ask_reading()] {
        return Volts{parts->collect_reading(pending, 0)};
    });
}

Reply<Amperes> Keithley2400::measure_current() {
    return Reply<Amperes>([parts = parts_, pending = parts_->ask_reading()] {
        return Amperes{parts->collect_reading(pending, 1)};
    });
}

void Keithley2400::output_on() {
    if (parts_->on) return;
    if (!parts_->compliance)
        parts_->session.fail("has no target and compliance yet, so its output stays off");
    parts_->switch_output(true);
    parts_->check_compliance();
}

void Keithley2400::output_off() {
    parts_->session.insist([&] { parts_->switch_output(false); });
}

OffSequence Keithley2400::off_sequence() const {
    OffSequence::Step off, ask;
    off.send = std::string(":OUTP OFF\n");
    ask.send = std::string(":OUTP?\n");
    ask.answer.kind = OffSequence::Answer::Kind::line;
    ask.answer.lines = {"0", "OFF"};
    ask.answer.within = answer_within;
    OffSequence sequence;
    sequence.flush.push_back('\n');
    sequence.flush_silence = flush_silence;
    sequence.steps = {off, ask};
    return sequence;
}

int Keithley2400::descriptor() const {
    return parts_->session.descriptor();
}

bool Keithley2400::at_compliance() {
    return parts_->at_compliance();
}

}  // namespace rig
