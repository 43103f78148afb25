// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "instruments/drivers/framed_link.hpp"
#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

std::unique_ptr<ByteLink> framed(Clock& clock, std::unique_ptr<ByteLink> link,
                                 const ScpiDialect::Framing& framing, int id) {
    return std::make_unique<FramedLink>(clock, std::move(link), framing, id);
}

}  // namespace

std::string replaced(std::string text, const std::string& placeholder, const std::string& value) {
    for (auto at = text.find(placeholder); at != std::string::npos;
         at = text.find(placeholder, at + value.size()))
        text.replace(at, placeholder.size(), value);
    return text;
}

std::string for_channel(const std::string& text, int channel) {
    return replaced(text, "{ch}", std::to_string(channel));
}

ScpiUnit::ScpiUnit(Clock& clock, std::unique_ptr<ByteLink> link, ScpiDialect its_dialect,
                   const std::string& name, int its_id)
    : session(clock, framed(clock, std::move(link), its_dialect.framing, its_id), name,
              its_dialect.answer_within),
      dialect(std::move(its_dialect)),
      id(its_id) {
}

ScpiSession& ScpiUnit::speak() {
    send(voltages);
    send(currents);
    return session;
}

std::function<double()> ScpiUnit::measure(int channel, const ScpiDialect::Setting& setting,
                                          SharedBatch& open) {
    if (setting.measure.find("{channels}") == std::string::npos) {
        const auto query = for_channel(setting.measure, channel);
        return [unit = shared_from_this(), pending = session.ask(query), query, scale = setting.unit] {
            return parse_number(unit->session, unit->session.collect(pending), query) * scale;
        };
    }
    if (!open) {
        open = std::make_shared<Batch>();
        open->query = setting.measure;
        session.clock().at(session.clock().now(), [weak = weak_from_this(), &open] {
            if (const auto unit = weak.lock()) unit->send(open);
        });
    }
    auto& members = open->channels;
    const auto found = std::find(members.begin(), members.end(), channel);
    const auto index = static_cast<std::size_t>(found - members.begin());
    if (found == members.end()) members.push_back(channel);
    return [unit = shared_from_this(), batch = open, index, scale = setting.unit] {
        return unit->collect(*batch).at(index) * scale;
    };
}

void ScpiUnit::send(SharedBatch& open) {
    if (!open) return;
    open->query = replaced(open->query, "{channels}", fmt::format("{}", fmt::join(open->channels, ",")));
    open->pending = session.ask(open->query);
    open = nullptr;
}

const std::vector<double>& ScpiUnit::collect(Batch& batch) {
    if (!batch.pending) speak();
    if (!batch.values) {
        const auto answer = session.collect(batch.pending);
        std::vector<double> values;
        for (std::size_t begin = 0; begin <= answer.size();) {
            const auto end = std::min(answer.find(',', begin), answer.size());
            values.push_back(parse_number(session, answer.substr(begin, end - begin), batch.query));
            begin = end + 1;
        }
        if (values.size() != batch.channels.size())
            session.fail(fmt::format("\"{}\" was answered \"{}\": {} numbers for {} channels", batch.query,
                                     answer, values.size(), batch.channels.size()));
        batch.values = std::move(values);
    }
    return *batch.values;
}

void ScpiUnit::take(const ScpiDialect::Step& step, int channel, const std::string& else_try) {
    if (step.set.empty()) return;
    const auto command = for_channel(step.set, channel);
    speak().tell(command, dialect.errors);
    session.settle(for_channel(step.ask, channel), step.answer, dialect.switched_within, else_try,
                   [&](const std::string& answer) { return state_of(step, channel, answer); });
}

std::string ScpiUnit::state_of(const ScpiDialect::Step& step, int channel, const std::string& answer) {
    if (step.first_bit < 0) return answer;
    const auto bits = bits_of(for_channel(step.ask, channel), answer);
    return std::to_string(bits >> (step.first_bit + channel - 1) & 1u);
}

unsigned ScpiUnit::bits_of(const std::string& query, const std::string& answer) {
    if (!answer.starts_with("0x") && !answer.starts_with("0X"))
        return static_cast<unsigned>(std::max(0.0, parse_number(session, answer, query)));
    unsigned bits = 0;
    const auto [rest, error] = std::from_chars(answer.data() + 2, answer.data() + answer.size(), bits, 16);
    if (error != std::errc{} || rest == answer.data() + 2)
        session.fail(fmt::format("\"{}\" was answered \"{}\", which is no number, on {}", query, answer,
                                 session.link_name()));
    return bits;
}

void ScpiUnit::arm_watchdog(Nanoseconds silence) {
    const auto& dog = dialect.watchdog;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silence).count();
    if (seconds < 1 || seconds > dog.most_s)
        session.fail(fmt::format("has a watchdog for 1 to {} s of silence, not {} s", dog.most_s, seconds));
    const auto command = replaced(dog.set, "{value}", std::to_string(seconds));
    speak().tell(command, dialect.errors);
    session.settle(dog.ask, std::to_string(seconds), Nanoseconds{0}, "does another program use it?");
    take(dog.enable, 1, "does another program use it?");
    watchdog_ = silence;
    feed_watchdog(++armings_);
}

void ScpiUnit::arm_watchdog_again() {
    if (watchdog_) arm_watchdog(*watchdog_);
}

// Three words within the silence it bears: one may be late behind a slow answer.
void ScpiUnit::feed_watchdog(int arming) {
    auto& clock = session.clock();
    clock.at(clock.now() + *watchdog_ / 3, [weak = weak_from_this(), arming] {
        const auto unit = weak.lock();
        if (!unit || unit->armings_ != arming) return;
        // A broken link is for whoever speaks next to be told, and to open again; meanwhile the watchdog does
        // its work, and the next switching on arms it anew.
        if (!unit->session.link_fault().empty()) return;
        unit->session.tell("*WAI");
        unit->feed_watchdog(arming);
    });
}

}  // namespace rig
