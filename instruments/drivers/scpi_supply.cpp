// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_supply.hpp"

#include <fmt/format.h>

#include <utility>

#include "instruments/drivers/framed_link.hpp"
#include "instruments/drivers/scpi_channel.hpp"
#include "instruments/drivers/scpi_unit.hpp"

namespace rig {
namespace {

/// All the ways in which an instrument says the state that `answer` stands for.
std::vector<std::string> ways_to_say(const std::string& answer) {
    if (answer == "0" || answer == "OFF") return {"0", "OFF", "+0"};
    return {answer};
}

}  // namespace

ScpiSupply::ScpiSupply(Clock& clock, std::unique_ptr<ByteLink> link, const ScpiDialect& dialect,
                       const std::string& name, int channels, int id)
    : unit_(std::make_shared<ScpiUnit>(clock, std::move(link), dialect, name, id)) {
    auto& session = unit_->session;
    const auto identity = session.query("*IDN?");
    if (identity.find(dialect.identity) == std::string::npos)
        session.fail(
            fmt::format("is \"{}\", not a {}, on {}\n  try     another link or dialect in the fixture",
                        identity, dialect.identity, session.link_name()));
    if (channels < 1 || channels > dialect.channels)
        session.fail(fmt::format("has {} channels, not {}", dialect.channels, channels));
    session.take_errors(dialect.errors);  // of before our time
    for (int number = 1; number <= channels; ++number) {
        channels_.push_back(std::make_unique<ScpiChannel>(*unit_, number));
        channels_.back()->output_off();
    }
    if (!dialect.main_switch) return;
    for (int number = channels + 1; number <= dialect.channels; ++number)
        ScpiChannel(*unit_, number).output_off();
}

ScpiSupply::~ScpiSupply() = default;

InstrumentIdentity ScpiSupply::identity() const {
    return unit_->session.identity();
}

int ScpiSupply::channels() const {
    return static_cast<int>(channels_.size());
}

CellSupply& ScpiSupply::channel(int number) {
    return *channels_.at(static_cast<std::size_t>(number - 1));
}

// Highest channel first, as a stack is taken down; all are told before the first is asked.
OffSequence ScpiSupply::off_sequence() const {
    const auto& dialect = unit_->dialect;
    const auto line = [&](const std::string& text) {
        return FramedLink::framed(dialect.framing, unit_->id, text + "\n");
    };
    OffSequence sequence;
    sequence.flush = dialect.framing.line_end;
    sequence.flush_silence = std::max(dialect.framing.pause, Nanoseconds{1'000'000});
    for (int number = channels(); number >= 1; --number)
        sequence.steps.push_back({line(for_channel(dialect.off.set, number)), {}, dialect.framing.pause});
    sequence.steps.back().silence_after = std::max(dialect.framing.pause, OffSequence::output_follows);
    for (int number = channels(); number >= 1; --number) {
        OffSequence::Answer answer;
        answer.kind = OffSequence::Answer::Kind::line;
        answer.within = dialect.answer_within;
        if (dialect.off.first_bit < 0)
            answer.lines = ways_to_say(dialect.off.answer);
        else
            answer.bits = 1u << (dialect.off.first_bit + number - 1);
        sequence.steps.push_back({line(for_channel(dialect.off.ask, number)), answer, {}});
    }
    return sequence;
}

int ScpiSupply::descriptor() const {
    return unit_->session.descriptor();
}

}  // namespace rig
