// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/numato_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

#include "instruments/instrument_error.hpp"
#include "instruments/kept_edges.hpp"

namespace rig {
namespace {

constexpr Nanoseconds answer_within{500'000'000}, flush_silence{50'000'000};
constexpr const char* prompt = ">";
constexpr int adc_full_scale = 1023;

/// Between two inputs' turns, so that relays need not wait; and after one without an answer.
constexpr Nanoseconds between_turns{20'000'000}, after_failure{1'000'000'000};

TurnTaking::Manners manners() {
    TurnTaking::Manners own;
    own.prompt = prompt;
    own.echoes = true;
    own.answer_within = answer_within;
    return own;
}

/// Relays and lines from 10 on have letters.
char letter(int number) {
    return static_cast<char>(number < 10 ? '0' + number : 'A' + number - 10);
}

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \r\n");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \r\n") - first + 1);
}

}  // namespace

class NumatoBoard::Relay : public DigitalOutput {
public:
    Relay(NumatoBoard& board, int number) : board_(board), number_(number) {}

    void drive(bool active) override {
        board_.line_.insist([&] {
            board_.ask(fmt::format("relay {} {}", active ? "on" : "off", letter(number_)));
            const auto query = fmt::format("relay read {}", letter(number_));
            const auto answer = board_.ask(query);
            if (answer != (active ? "on" : "off"))
                board_.line_.fail(fmt::format(
                    "relay {} is told to go {}, \"{}\" is answered \"{}\" on {}\n  try     {}", number_,
                    active ? "on" : "off", query, answer, board_.line_.link_name(),
                    active ? "has the board so many relays?" : "NOT confirmed off: take its supply away"));
        });
        driven_ = active;
    }
    bool driven() const override { return driven_; }

private:
    NumatoBoard& board_;
    int number_;
    bool driven_ = false;
};

/// An input that is asked when its turn comes.
class NumatoBoard::Input : public DigitalInput {
public:
    using Reading = std::function<bool(const std::string& answer)>;

    Input(NumatoBoard& board, std::string query, Reading reading)
        : board_(board), query_(std::move(query)), reading_(std::move(reading)) {
        heard(board_.ask(query_));
        edges_.whole_only_from(board_.line_.clock().now());
        edges_.clear();
    }

    bool active() override {
        check();
        return active_;
    }
    const std::vector<Edge>& edges() override {
        check();
        return edges_.all();
    }
    Nanoseconds edges_whole_from() const override { return edges_.whole_from(); }

    const std::string& query() const { return query_; }

    void heard(const std::string& answer) {
        const bool active = reading_(answer);
        const auto now = board_.line_.clock().now();
        if (std::exchange(failure_, nullptr)) edges_.whole_only_from(now);
        if (active == active_) return;
        active_ = active;
        edges_.add({now, active});
    }

    void failed(std::exception_ptr failure) { failure_ = std::move(failure); }

private:
    /// What was not answered is not known, whatever it was before.
    void check() const {
        if (failure_) std::rethrow_exception(failure_);
    }

    NumatoBoard& board_;
    std::string query_;
    Reading reading_;
    bool active_ = false;
    KeptEdges edges_;
    std::exception_ptr failure_;
};

NumatoBoard::NumatoBoard(Clock& clock, std::unique_ptr<ByteLink> link, const std::string& name, int relays,
                         Volts full_scale)
    : line_(clock, std::move(link), name, manners()), full_scale_(full_scale) {
    // Whatever somebody left half typed ends here.
    line_.query("\r");
    for (int number = 0; number < relays; ++number)
        relays_.emplace_back(*this, number).drive(false);
}

NumatoBoard::~NumatoBoard() = default;

std::string NumatoBoard::ask(const std::string& word) {
    return told(word, line_.query(word + "\r"));
}

std::string NumatoBoard::told(const std::string& word, const std::string& answer) const {
    const auto echo = answer.find(word);
    if (echo == std::string::npos)
        line_.fail(
            fmt::format("\"{}\" came back as \"{}\" on {}\n  try     does somebody else use this line?", word,
                        trimmed(answer), line_.link_name()));
    return trimmed(answer.substr(echo + word.size()));
}

bool NumatoBoard::level(const std::string& query, const std::string& answer) const {
    if (answer != "0" && answer != "1")
        line_.fail(fmt::format("\"{}\" was answered \"{}\", neither 0 nor 1, on {}", query, answer,
                               line_.link_name()));
    return answer == "1";
}

Volts NumatoBoard::voltage(const std::string& query, const std::string& answer) const {
    int counts = -1;
    const auto [rest, error] = std::from_chars(answer.data(), answer.data() + answer.size(), counts);
    if (error != std::errc{} || rest != answer.data() + answer.size() || counts < 0 ||
        counts > adc_full_scale)
        line_.fail(fmt::format("\"{}\" was answered \"{}\", not 0 to {}, on {}", query, answer,
                               adc_full_scale, line_.link_name()));
    return full_scale_ * (static_cast<double>(counts) / adc_full_scale);
}

DigitalOutput& NumatoBoard::relay(int number) {
    return relays_.at(static_cast<std::size_t>(number));
}

DigitalInput& NumatoBoard::watch_line(int number, bool active_low) {
    const auto query = fmt::format("gpio read {}", letter(number));
    return watch(std::make_unique<Input>(*this, query, [this, query, active_low](const std::string& answer) {
        return level(query, answer) != active_low;
    }));
}

DigitalInput& NumatoBoard::watch_analogue(int number, Volts above, bool active_low) {
    const auto query = fmt::format("adc read {}", letter(number));
    return watch(
        std::make_unique<Input>(*this, query, [this, query, above, active_low](const std::string& answer) {
            return (voltage(query, answer).value > above.value) != active_low;
        }));
}

DigitalInput& NumatoBoard::watch(std::unique_ptr<Input> input) {
    DigitalInput& watched = *inputs_.emplace_back(std::move(input));
    if (inputs_.size() == 1) next_turn(between_turns);
    return watched;
}

void NumatoBoard::next_turn(Nanoseconds pause) {
    line_.clock().at(line_.clock().now() + pause, [alive = std::weak_ptr(alive_), this] {
        if (!alive.expired()) give_turn();
    });
}

void NumatoBoard::give_turn() {
    auto& input = *inputs_.front();
    inputs_.push_back(std::move(inputs_.front()));
    inputs_.pop_front();
    try {
        line_.ask(input.query() + "\r", [this, &input](const TurnTaking::Pending& turn) {
            auto pause = between_turns;
            try {
                input.heard(told(input.query(), line_.collect(turn)));
            } catch (const InstrumentError&) {
                input.failed(std::current_exception());
                pause = after_failure;
            }
            next_turn(pause);
        });
    } catch (const InstrumentError&) {
        input.failed(std::current_exception());
        next_turn(after_failure);
    }
}

bool NumatoBoard::gpio(int number) {
    const auto query = fmt::format("gpio read {}", letter(number));
    return level(query, ask(query));
}

Volts NumatoBoard::adc(int number) {
    const auto query = fmt::format("adc read {}", letter(number));
    return voltage(query, ask(query));
}

OffSequence NumatoBoard::off_sequence() const {
    OffSequence sequence;
    sequence.flush = "\r";
    sequence.flush_silence = flush_silence;
    const auto ends_with = [](const std::string& bytes) {
        return OffSequence::Answer::exactly(bytes, answer_within);
    };
    for (std::size_t i = 0; i < relays_.size(); ++i) {
        const char number = letter(static_cast<int>(i));
        sequence.steps.push_back({fmt::format("relay off {}\r", number), ends_with(prompt), {}});
        sequence.steps.push_back({fmt::format("relay read {}\r", number), ends_with("off\n\r>"), {}});
    }
    return sequence;
}

}  // namespace rig
