// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_load.hpp"

#include <fmt/format.h>

#include <cmath>

namespace rig {
namespace {

constexpr Nanoseconds answer_within{500'000'000}, switched_within{500'000'000};
constexpr const char* errors = ":SYST:ERR?";
constexpr double tolerance_a = 0.0006;

}  // namespace

ScpiLoad::ScpiLoad(Clock& clock, std::unique_ptr<ByteLink> link, const Dialect& dialect,
                   const std::string& name)
    : session_(std::make_shared<ScpiSession>(clock, std::move(link), name, answer_within)),
      dialect_(dialect) {
    const auto identity = session_->query("*IDN?");
    if (identity.find(dialect.identity) == std::string::npos)
        session_->fail(
            fmt::format("is \"{}\", not a {}, on {}\n  try     another link or driver in the fixture",
                        identity, dialect.identity, session_->link_name()));
    session_->take_errors(errors);  // of before our time
    input_off();
}

void ScpiLoad::tell(const std::string& command) {
    session_->tell(command, errors);
}

void ScpiLoad::set_current(Amperes taken) {
    tell(fmt::format(":CURR:LEV {:.3f}", taken.value));
    const double held = parse_number(*session_, session_->query(":CURR:LEV?"), ":CURR:LEV?");
    if (std::abs(held - taken.value) > tolerance_a)
        session_->fail(fmt::format("asked to take {:.3f} A, the load holds {:.3f} A on {}", taken.value, held,
                                   session_->link_name()));
    set_ = true;
}

Reply<Volts> ScpiLoad::measure_voltage() {
    return Reply<Volts>([session = session_, pending = session_->ask(":MEAS:VOLT?")] {
        return Volts{parse_number(*session, session->collect(pending), ":MEAS:VOLT?")};
    });
}

Reply<Amperes> ScpiLoad::measure_current() {
    return Reply<Amperes>([session = session_, pending = session_->ask(":MEAS:CURR?")] {
        return Amperes{parse_number(*session, session->collect(pending), ":MEAS:CURR?")};
    });
}

// In another function than this one the same number would be volts, ohms or watts.
void ScpiLoad::input_on() {
    if (on_) return;
    if (!set_) session_->fail("has no current to take yet, so its input stays off");
    input_off();
    tell(":FUNC CURR");
    session_->settle(":FUNC?", "CC", switched_within, "does a hand at its front panel use it?",
                     [](const std::string& answer) { return answer.starts_with("CURR") ? "CC" : answer; });
    on_ = true;  // from here on it may be, whatever goes wrong
    tell(dialect_.input + " ON");
    session_->settle(dialect_.input + "?", "1", switched_within, "did a protection of its own trip?");
}

void ScpiLoad::input_off() {
    session_->insist([&] {
        session_->tell(dialect_.input + " OFF");
        session_->settle(dialect_.input + "?", "0", switched_within,
                         "NOT confirmed off: switch it off by hand");
    });
    on_ = false;
}

OffSequence ScpiLoad::off_sequence() const {
    OffSequence::Answer is_off;
    is_off.kind = OffSequence::Answer::Kind::line;
    is_off.lines.assign({"0", "OFF"});
    is_off.within = answer_within;
    OffSequence sequence;
    sequence.flush = std::string(1, '\n');
    sequence.flush_silence = Nanoseconds{1'000'000};
    sequence.steps.push_back({fmt::format("{} OFF\n", dialect_.input), {}, {}});
    sequence.steps.push_back({fmt::format("{}?\n", dialect_.input), is_off, {}});
    return sequence;
}

}  // namespace rig
