// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/scpi_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "instruments/instrument_error.hpp"

namespace rig {
namespace {

constexpr Nanoseconds poll_every{5'000'000};
constexpr Nanoseconds quiet{100'000'000};  ///< silence after which a late answer is given up
constexpr int most_errors = 64;            ///< more than any instrument queues
constexpr std::size_t longest_answer = 65536;
constexpr const char* identify = "*IDN?";

std::int64_t milliseconds(Nanoseconds span) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

bool is_text(const std::string& answer) {
    return std::all_of(answer.begin(), answer.end(),
                       [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
}

/// For messages: what is no text as its bytes' values, and no more of it than one reads.
std::string quoted(const std::string& bytes) {
    constexpr std::size_t most = 60;
    std::string shown;
    for (const char byte : bytes.substr(0, most))
        shown += byte >= ' ' && byte <= '~' ? std::string(1, byte)
                                            : fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    return fmt::format("\"{}{}\"", shown, bytes.size() > most ? "…" : "");
}

}  // namespace

struct ScpiSession::Exchange {
    std::string text;
    bool wants_answer = false;
    bool finds_step = false;  ///< drops everything up to the instrument's identity
    bool sent = false;
    Nanoseconds sent_at{};
    std::string answer;
    bool answered = false;
    std::string failure;

    bool over() const { return answered || !failure.empty(); }
};

ScpiSession::ScpiSession(Clock& clock, std::unique_ptr<ByteLink> link, std::string instrument,
                         Nanoseconds answer_within)
    : clock_(clock),
      link_(std::move(link)),
      instrument_(std::move(instrument)),
      answer_within_(answer_within) {
    link_->on_receive([this](std::string_view bytes) { receive(bytes); });
}

void ScpiSession::tell(const std::string& command) {
    enqueue(command, false);
}

void ScpiSession::tell(const std::string& command, const std::string& errors_query) {
    if (old_errors_) {
        take_errors(errors_query);
        old_errors_ = false;
    }
    tell(command);
    if (const auto found = take_errors(errors_query); !found.empty())
        fail(fmt::format("\"{}\" was refused on {}: {}", command, link_->name(), fmt::join(found, "; ")));
}

ScpiSession::Pending ScpiSession::ask(const std::string& query) {
    return enqueue(query, true);
}

ScpiSession::Pending ScpiSession::enqueue(const std::string& text, bool wants_answer) {
    if (const auto fault = link_->fault(); !fault.empty()) {
        // What the instrument held may be lost with the link: nobody goes on as if nothing had been.
        if (!std::exchange(fault_told_, true) || !revive())
            fail(
                fmt::format("\"{}\" cannot be sent on {}: {}\n"
                            "  try     is it switched on and plugged in?",
                            text, link_->name(), fault));
    }
    if (wants_answer && out_of_step_ && waiting_.empty()) {
        auto step = std::make_shared<Exchange>();
        step->text = identify;
        step->wants_answer = step->finds_step = true;
        waiting_.push_back(step);
    }
    auto exchange = std::make_shared<Exchange>();
    exchange->text = text;
    exchange->wants_answer = wants_answer;
    waiting_.push_back(exchange);
    send_waiting();
    return exchange;
}

bool ScpiSession::revive() {
    if (link_->fault().empty()) return true;
    fault_told_ = true;
    if (!link_->reopen()) return false;
    fault_told_ = false;
    unfinished_.clear();
    lose_step();
    return true;
}

void ScpiSession::insist(const std::function<void()>& action) {
    revive();
    disturbed_ = false;
    try {
        action();
    } catch (const InstrumentError&) {
        // Who is deaf stays deaf; a line that was cut or disturbed may carry the next word.
        if (!disturbed_) throw;
        revive();
        action();
    }
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
        if (byte == '\n') {
            auto line = std::exchange(unfinished_, {});
            if (!line.empty() && line.back() == '\r') line.pop_back();
            take_line(std::move(line));
        } else if ((unfinished_ += byte).size() > longest_answer) {
            unfinished_.clear();
            disturbed_ = overrun_ = true;
            out_of_step_ = !identity_.empty();
            if (!waiting_.empty())
                give_up_all(fmt::format("\"{}\" was answered with {} bytes and no line end on {}",
                                        waiting_.front()->text, longest_answer, link_->name()));
        }
    }
}

void ScpiSession::take_line(std::string line) {
    if (waiting_.empty()) return;  // too late: its query was given up
    const auto head = waiting_.front();
    // Something may stick to it that an earlier answer left behind.
    const bool names_itself = !identity_.empty() && line.ends_with(identity_);
    if (head->finds_step && !names_itself) return;
    if (names_itself && head->text != identify) return;  // to a question of ours that was given up
    if (head->text == identify) {
        out_of_step_ = false;
        if (identity_.empty() && is_text(line)) identity_ = line;
    }
    waiting_.pop_front();
    head->answer = std::move(line);
    head->answered = true;
    send_waiting();
}

std::string ScpiSession::collect(const Pending& pending) {
    while (!pending->over()) {
        const auto head = waiting_.front();
        const auto over = [&] { return head->over() || !link_->fault().empty(); };
        const bool in_time = clock_.run_until(over, head->sent_at + answer_within_);
        if (!in_time)
            give_up();
        else if (!head->over())
            lose_link();
    }
    if (std::exchange(overrun_, false)) lose_step();
    if (!pending->answered) fail(pending->failure);
    if (!is_text(pending->answer)) {
        disturbed_ = true;
        lose_step();
        fail(
            fmt::format("\"{}\" was answered {}, which is no text, on {}\n"
                        "  try     does its link do what the fixture says (baud rate, parity)?",
                        pending->text, quoted(pending->answer), link_->name()));
    }
    return pending->answer;
}

void ScpiSession::give_up_all(const std::string& failure) {
    for (const auto& exchange : std::exchange(waiting_, {}))
        exchange->failure = failure;
}

void ScpiSession::break_off(const std::string& failure) {
    give_up_all(failure);
    lose_step();
}

void ScpiSession::lose_link() {
    const auto& head = *waiting_.front();
    disturbed_ = fault_told_ = true;
    break_off(
        fmt::format("no answer to \"{}\" on {}: {} after {} ms\n"
                    "  try     is it switched on and plugged in?",
                    head.text, link_->name(), link_->fault(), milliseconds(clock_.now() - head.sent_at)));
}

void ScpiSession::give_up() {
    const auto& head = *waiting_.front();
    if (unfinished_.empty())
        break_off(fmt::format(
            "no answer to \"{}\" within {} ms on {}\n"
            "  try     is it switched on, and does its link do what the fixture says (baud rate, address)?",
            head.text, milliseconds(answer_within_), link_->name()));
    else
        break_off(
            fmt::format("no whole answer to \"{}\" within {} ms on {}: {} without a line end\n"
                        "  try     does its link do what the fixture says (baud rate, line end)?",
                        head.text, milliseconds(answer_within_), link_->name(), quoted(unfinished_)));
}

// Whoever asks after an unanswered query would otherwise get its late answer for his own,
// and so on for ever. An instrument that has said who it is will be asked that first, and
// all before its answer is dropped; else the line is listened to until it is quiet, which runs the clock:
// not for `receive`, which the clock itself may have called.
void ScpiSession::lose_step() {
    out_of_step_ = !identity_.empty();
    old_errors_ = true;
    std::size_t heard = unfinished_.size();
    while (!out_of_step_ && link_->fault().empty()) {
        clock_.run_for(quiet);
        if (unfinished_.size() == heard) break;
        heard = unfinished_.size();
    }
    unfinished_.clear();
}

void ScpiSession::settle(const std::string& text, const std::string& wanted, Nanoseconds within,
                         const std::string& else_try,
                         const std::function<std::string(const std::string&)>& part) {
    const auto deadline = clock_.now() + within;
    for (;;) {
        const auto answer = query(text);
        const auto state = part ? part(answer) : answer;
        if (same_answer(state, wanted)) return;
        if (clock_.now() >= deadline)
            fail(fmt::format("\"{}\" still answers {}{} after {} ms instead of {}, on {}\n  try     {}", text,
                             answer, state == answer ? "" : ", that is " + state, milliseconds(within),
                             wanted, link_->name(), else_try));
        clock_.run_for(poll_every);
    }
}

std::vector<std::string> ScpiSession::take_errors(const std::string& errors_query) {
    std::vector<std::string> found;
    if (errors_query.empty()) return found;
    for (int i = 0; i < most_errors; ++i) {
        // Its code comes first, whether its text has quotes and a comma before it or not.
        const auto answer = query(errors_query);
        if (parse_number(*this, answer, errors_query) == 0) return found;
        found.push_back(answer);
    }
    fail(fmt::format("its error queue does not empty on {}: {}", link_->name(), fmt::join(found, "; ")));
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
