// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/turn_taking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "instruments/instrument_error.hpp"

namespace rig {

struct TurnTaking::Turn {
    std::string word;
    bool wants_answer = false;
    std::string answer;
    bool over = false;
    std::string failure;
    Nanoseconds heard_at{};
    Over when_over;

    bool echoed() const {
        return answer.find(std::string_view(word).substr(0, word.find('\r'))) != std::string::npos;
    }
};

struct TurnTaking::Line : std::enable_shared_from_this<TurnTaking::Line> {
    Line(Clock& its_clock, std::unique_ptr<ByteLink> its_link, std::string its_instrument,
         Manners its_manners)
        : clock(its_clock),
          link(std::move(its_link)),
          instrument(std::move(its_instrument)),
          manners(std::move(its_manners)) {}

    Clock& clock;
    std::unique_ptr<ByteLink> link;
    std::string instrument;
    Manners manners;
    std::deque<Pending> waiting;  ///< the first one's turn it is, or will be
    Nanoseconds free_at{};        ///< from when on the instrument hears the next word
    bool taken = false;           ///< the first one's word is out, or has its time to go out
    bool fault_told = false;      ///< of the link's present fault

    void later(Nanoseconds when, std::function<void(Line&)> action) {
        clock.at(when, [weak = weak_from_this(), action = std::move(action)] {
            if (const auto line = weak.lock()) action(*line);
        });
    }

    void next() {
        if (taken || waiting.empty()) return;
        taken = true;
        const auto turn = waiting.front();
        if (free_at <= clock.now()) return say(turn);
        later(free_at, [turn](Line& line) { line.say(turn); });
    }

    void say(const Pending& turn) {
        link->send(turn->word);
        const auto out = clock.now() + static_cast<std::int64_t>(turn->word.size()) * manners.byte_time;
        free_at = out + manners.silence;
        if (!turn->wants_answer) return later(out, [turn](Line& line) { line.finish(turn, ""); });
        later(out + manners.answer_within, [turn](Line& line) {
            if (turn->over) return;
            if (const auto fault = line.link->fault(); !fault.empty()) {
                line.fault_told = true;
                return line.finish(
                    turn,
                    fmt::format("no answer to \"{}\" on {}: {}\n  try     is it switched on and plugged in?",
                                turn->word, line.link->name(), fault));
            }
            line.finish(turn, fmt::format("no {}answer to \"{}\" within {} ms on {}\n"
                                          "  try     is it switched on, and does its link do what the "
                                          "fixture says (baud rate)?",
                                          turn->answer.empty() ? "" : "whole ", turn->word,
                                          line.manners.answer_within.count() / 1'000'000, line.link->name()));
        });
    }

    void receive(std::string_view bytes) {
        // What comes while nobody asked is the rest of something given up.
        if (waiting.empty() || !taken || !waiting.front()->wants_answer) return;
        const auto turn = waiting.front();
        turn->answer += bytes;
        turn->heard_at = clock.now();
        if (!manners.prompt.empty()) {
            if (!turn->answer.ends_with(manners.prompt)) return;
            turn->answer.resize(turn->answer.size() - manners.prompt.size());
            if (!manners.echoes || turn->echoed()) return finish(turn, "");
            // Asked before our time, or given up: ours is still to come.
            return turn->answer.clear();
        }
        later(turn->heard_at + manners.quiet, [turn, at = turn->heard_at](Line& line) {
            if (!turn->over && turn->heard_at == at) line.finish(turn, "");
        });
    }

    void finish(const Pending& turn, const std::string& failure) {
        turn->failure = failure;
        turn->over = true;
        free_at = std::max(free_at, clock.now() + (turn->wants_answer ? manners.silence : Nanoseconds{}));
        waiting.pop_front();
        taken = false;
        next();
        // Last: whoever hears it may ask the next.
        if (turn->when_over) turn->when_over(turn);
    }
};

TurnTaking::TurnTaking(Clock& clock, std::unique_ptr<ByteLink> link, std::string instrument,
                       const Manners& manners)
    : line_(std::make_shared<Line>(clock, std::move(link), std::move(instrument), manners)) {
    line_->link->on_receive([line = line_.get()](std::string_view bytes) { line->receive(bytes); });
    // Whatever somebody else said last is over before our first word.
    line_->free_at = clock.now() + manners.silence;
}

TurnTaking::~TurnTaking() {
    line_->link->on_receive(nullptr);
}

TurnTaking::Pending TurnTaking::take_turn(const std::string& word, bool wants_answer, Over over) {
    auto& link = *line_->link;
    if (const auto fault = link.fault(); !fault.empty()) {
        // What the instrument held may be lost with the link: nobody goes on as if nothing had been.
        if (!std::exchange(line_->fault_told, true) || !link.reopen())
            fail(fmt::format("\"{}\" cannot be sent on {}: {}\n  try     is it switched on and plugged in?",
                             word, link.name(), fault));
        line_->fault_told = false;
    }
    auto turn = std::make_shared<Turn>();
    turn->word = word;
    turn->wants_answer = wants_answer;
    turn->when_over = std::move(over);
    line_->waiting.push_back(turn);
    line_->next();
    return turn;
}

std::string TurnTaking::collect(const Pending& turn) {
    // Each turn ends by itself, at the latest when its time for an answer is up.
    while (!turn->over)
        clock().run_until([&] { return turn->over; }, clock().now() + line_->manners.answer_within);
    if (!turn->failure.empty()) fail(turn->failure);
    return turn->answer;
}

void TurnTaking::insist(const std::function<void()>& action) {
    try {
        action();
    } catch (const InstrumentError&) {
        action();
    }
}

void TurnTaking::fail(const std::string& message) const {
    throw InstrumentError(line_->instrument, message);
}

Clock& TurnTaking::clock() {
    return line_->clock;
}

std::string TurnTaking::link_name() const {
    return line_->link->name();
}

int TurnTaking::descriptor() const {
    return line_->link->descriptor();
}

}  // namespace rig
