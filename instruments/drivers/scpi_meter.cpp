// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_meter.hpp"

#include <fmt/format.h>

#include <cmath>

namespace rig {
namespace {

// Ten cycles of a 50 Hz line, twice for the zero, at the slowest range; and the link.
constexpr Nanoseconds answer_within{3'000'000'000};
constexpr const char* errors = "SYST:ERR?";
constexpr double overload = 9.8e37;

}  // namespace

ScpiMeter::ScpiMeter(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& identity,
                     const std::string& name)
    : session_(std::make_shared<ScpiSession>(clock, std::move(link), name, answer_within)) {
    const auto answer = session_->query("*IDN?");
    if (answer.find(identity) == std::string::npos)
        session_->fail(
            fmt::format("is \"{}\", not a {}, on {}\n  try     another link or driver in the fixture", answer,
                        identity, session_->link_name()));
    session_->take_errors(errors);  // of before our time
    measure_up_to(Volts{10.0}, 10.0);
}

void ScpiMeter::measure_up_to(Volts most, double line_cycles) {
    // Below one cycle it stops correcting its zero.
    if (!(line_cycles >= 1.0 && line_cycles <= 100.0))
        session_->fail(fmt::format("integrates over 1 to 100 power line cycles, not {}", line_cycles));
    const auto set = [&](const std::string& command, const std::string& query, double wanted, bool or_more) {
        session_->tell(command, errors);
        const double held = parse_number(*session_, session_->query(query), query);
        if (std::abs(held - wanted) > 1e-6 * wanted && !(or_more && held > wanted))
            session_->fail(fmt::format("told \"{}\", it answers {} to \"{}\" on {}", command, held, query,
                                       session_->link_name()));
    };
    set(fmt::format("CONF:VOLT:DC {}", most.value), "VOLT:DC:RANG?", most.value, true);
    set(fmt::format("VOLT:DC:NPLC {}", line_cycles), "VOLT:DC:NPLC?", line_cycles, false);
    const auto automatic = session_->query("VOLT:DC:RANG:AUTO?");
    if (!same_answer(automatic, "0"))
        session_->fail(fmt::format("chooses its range by itself on {}", session_->link_name()));
}

Reply<Volts> ScpiMeter::read() {
    return Reply<Volts>([session = session_, pending = session_->ask("READ?")] {
        const double volts = parse_number(*session, session->collect(pending), "READ?");
        if (std::abs(volts) >= overload)
            session->fail(
                fmt::format("is overloaded in the range it was told to use, on {}", session->link_name()));
        return Volts{volts};
    });
}

}  // namespace rig
