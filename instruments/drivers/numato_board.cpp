// SPDX-License-Identifier: GPL-3.0-or-later
#include "instruments/drivers/numato_board.hpp"

#include <fmt/format.h>

#include <charconv>

namespace rig {
namespace {

constexpr Nanoseconds answer_within{500'000'000}, flush_silence{50'000'000};
constexpr const char* prompt = ">";
constexpr int adc_full_scale = 1023;

TurnTaking::Manners manners() {
    TurnTaking::Manners own;
    own.prompt = prompt;
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
    const auto answer = line_.query(word + "\r");
    const auto echo = answer.find(word);
    if (echo == std::string::npos)
        line_.fail(
            fmt::format("\"{}\" came back as \"{}\" on {}\n  try     does somebody else use this line?", word,
                        trimmed(answer), line_.link_name()));
    return trimmed(answer.substr(echo + word.size()));
}

DigitalOutput& NumatoBoard::relay(int number) {
    return relays_.at(static_cast<std::size_t>(number));
}

bool NumatoBoard::gpio(int number) {
    const auto query = fmt::format("gpio read {}", letter(number));
    const auto answer = ask(query);
    if (answer != "0" && answer != "1")
        line_.fail(fmt::format("\"{}\" was answered \"{}\", neither 0 nor 1, on {}", query, answer,
                               line_.link_name()));
    return answer == "1";
}

Volts NumatoBoard::adc(int number) {
    const auto query = fmt::format("adc read {}", letter(number));
    const auto answer = ask(query);
    int counts = -1;
    const auto [rest, error] = std::from_chars(answer.data(), answer.data() + answer.size(), counts);
    if (error != std::errc{} || rest != answer.data() + answer.size() || counts < 0 ||
        counts > adc_full_scale)
        line_.fail(fmt::format("\"{}\" was answered \"{}\", not 0 to {}, on {}", query, answer,
                               adc_full_scale, line_.link_name()));
    return full_scale_ * (static_cast<double>(counts) / adc_full_scale);
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
