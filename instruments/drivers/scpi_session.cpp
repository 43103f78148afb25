// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_session.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

constexpr Nanoseconds poll_every{5'000'000};
constexpr Nanoseconds quiet{100'000'000};  ///< silence after which a late answer is given up
constexpr int most_errors = 64;            ///< more than any instrument queues

std::int64_t milliseconds(Nanoseconds span) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

}  // namespace

struct ScpiSession::Exchange {
    std::string text;
    bool wants_answer = false;
    bool sent = false;
    Nanoseconds sent_at{};
    std::string answer;
    bool answered = false;
    std::string failure;
};

ScpiSession::ScpiSession(Clock& clock, std::unique_ptr<ByteLink> link, std::string instrument,
                         Nanoseconds answer_within)
    : clock_(clock),
      link_(std::move(link)),
      instrument_(std::move(instrument)),
      answer_within_(answer_within) {
    link_->on_receive([this](std::string_view bytes) { receive(bytes); });
}

const std::string& ScpiSession::identify() {
    identity_ = {instrument_, link_name(), query("*IDN?")};
    return identity_.answer;
}

void ScpiSession::tell(const std::string& command) {
    enqueue(command, false);
}

ScpiSession::Pending ScpiSession::ask(const std::string& query) {
    return enqueue(query, true);
}

ScpiSession::Pending ScpiSession::enqueue(const std::string& text, bool wants_answer) {
    auto exchange = std::make_shared<Exchange>();
    exchange->text = text;
    exchange->wants_answer = wants_answer;
    waiting_.push_back(exchange);
    send_waiting();
    return exchange;
}

void ScpiSession::send_waiting() {
    while (!waiting_.empty() && !waiting_.front()->sent) {
        const auto next = waiting_.front();
        next->sent = true;
        next->sent_at = clock_.now();
        // A set answers nothing: whatever follows may go out behind it.
        if (!next->wants_answer) waiting_.pop_front();
        link_->send(next->text + "\n");
    }
}

void ScpiSession::receive(std::string_view bytes) {
    for (const char byte : bytes) {
        if (byte != '\n') {
            unfinished_ += byte;
            continue;
        }
        auto line = std::exchange(unfinished_, {});
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (waiting_.empty()) continue;  // too late: its query was given up
        const auto head = waiting_.front();
        waiting_.pop_front();
        head->answer = std::move(line);
        head->answered = true;
        send_waiting();
    }
}

std::string ScpiSession::collect(const Pending& pending) {
    while (!pending->answered) {
        if (!pending->failure.empty()) fail(pending->failure);
        const auto head = waiting_.front();
        if (!clock_.run_until([&] { return head->answered; }, head->sent_at + answer_within_)) give_up();
    }
    return pending->answer;
}

// Whoever waits behind an unanswered query would otherwise get its late answer
// for his own, and so on for ever: the line is given up and listened to until it is quiet.
void ScpiSession::give_up() {
    const auto unanswered = waiting_.front()->text;
    for (const auto& exchange : std::exchange(waiting_, {}))
        exchange->failure = fmt::format(
            "no answer to \"{}\" within {} ms on {}\n"
            "  try     is it switched on, and does its link do what the fixture says (baud rate, address)?",
            unanswered, milliseconds(answer_within_), link_->name());

    std::size_t heard = 0;
    do {
        heard = unfinished_.size();
        clock_.run_for(quiet);
    } while (unfinished_.size() != heard);
    unfinished_.clear();
}

void ScpiSession::settle(const std::string& text, const std::string& wanted, Nanoseconds within,
                         const std::string& else_try) {
    const auto deadline = clock_.now() + within;
    for (;;) {
        const auto answer = query(text);
        if (same_answer(answer, wanted)) return;
        if (clock_.now() >= deadline)
            fail(fmt::format("\"{}\" still answers {} after {} ms instead of {}, on {}\n  try     {}", text,
                             answer, milliseconds(within), wanted, link_->name(), else_try));
        clock_.run_for(poll_every);
    }
}

void ScpiSession::drain_errors(const std::string& errors_query, const std::string& after) {
    if (errors_query.empty()) return;
    std::string found;
    for (int i = 0; i < most_errors; ++i) {
        const auto answer = query(errors_query);
        if (parse_number(*this, answer, errors_query) == 0) {
            if (!found.empty())
                fail(fmt::format("\"{}\" was refused on {}: {}", after, link_->name(), found));
            return;
        }
        found += (found.empty() ? "" : "; ") + answer;
    }
    fail(fmt::format("its error queue does not empty on {}: {}", link_->name(), found));
}

void ScpiSession::forget_errors(const std::string& errors_query) {
    if (errors_query.empty()) return;
    for (int i = 0; i < most_errors; ++i)
        if (parse_number(*this, query(errors_query), errors_query) == 0) return;
    fail(fmt::format("its error queue does not empty on {}", link_->name()));
}

void ScpiSession::fail(const std::string& message) const {
    throw InstrumentError(instrument_, message);
}

double parse_number(const ScpiSession& session, const std::string& answer, const std::string& query) {
    auto begin = answer.data();
    const auto end = begin + answer.size();
    while (begin != end && (*begin == ' ' || *begin == '+'))
        ++begin;
    double number = 0.0;
    const auto [rest, error] = std::from_chars(begin, end, number);
    if (error != std::errc{})
        session.fail(fmt::format("\"{}\" was answered \"{}\", which is no number, on {}", query, answer,
                                 session.link_name()));
    return number;
}

bool same_answer(const std::string& answer, const std::string& wanted) {
    const auto plain = [](const std::string& text) -> std::string {
        if (text == "ON") return "1";
        if (text == "OFF") return "0";
        auto begin = text.data();
        const auto end = begin + text.size();
        if (begin != end && *begin == '+') ++begin;
        double number = 0.0;
        const auto [rest, error] = std::from_chars(begin, end, number);
        return error == std::errc{} && rest == end ? fmt::format("{}", number) : text;
    };
    return plain(answer) == plain(wanted);
}

}  // namespace rig
