// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/tokens.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace rig::mutation {

namespace {

/// The longest first.
constexpr std::array<std::string_view, 25> long_marks{
    "<<=", ">>=", "...", "->*", "::", "->", "++", "--", "<<", ">>", "<=", ">=", "==",
    "!=",  "&&",  "||",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^=", "##"};

bool is_space(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}
bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

class Scanner {
public:
    explicit Scanner(std::string_view source) : source_(source) {}

    std::vector<Token> tokens() {
        while (skip_blank(), at_ < source_.size())
            take();
        return std::move(tokens_);
    }

private:
    char here(std::size_t ahead = 0) const {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }

    void skip_blank() {
        for (;;) {
            const std::size_t began = at_;
            if (is_space(here()))
                ++at_;
            else if (here() == '/' && here(1) == '/')
                skip_to("\n");
            else if (here() == '/' && here(1) == '*')
                skip_to("*/");
            else if (here() == '#')
                skip_directive();
            if (at_ == began) return;
            space_ = true;
            if (!tokens_.empty()) tokens_.back().space_after = true;
        }
    }

    void skip_to(std::string_view end) {
        const std::size_t found = source_.find(end, at_ + 2);
        at_ = found == std::string_view::npos ? source_.size() : found + end.size();
    }

    void skip_directive() {
        while (at_ < source_.size() && (here() != '\n' || source_[at_ - 1] == '\\'))
            ++at_;
    }

    void take() {
        const std::size_t began = at_;
        Token::Kind kind = Token::Kind::mark;
        if (is_digit(here()) || (here() == '.' && is_digit(here(1)))) {
            kind = Token::Kind::number;
            while (is_word(here()) || here() == '.' || (here() == '\'' && is_word(here(1))))
                ++at_;
        } else if (is_word(here())) {
            kind = Token::Kind::word;
            while (is_word(here()))
                ++at_;
        } else if (here() == '"' || here() == '\'') {
            kind = Token::Kind::literal;
            take_quoted(here());
        } else {
            const auto mark = std::find_if(long_marks.begin(), long_marks.end(), [&](std::string_view known) {
                return source_.substr(at_, known.size()) == known;
            });
            at_ += mark != long_marks.end() ? mark->size() : 1;
        }
        tokens_.push_back({kind, source_.substr(began, at_ - began), began, space_, false});
        space_ = false;
    }

    void take_quoted(char quote) {
        for (++at_; at_ < source_.size() && here() != quote; ++at_)
            if (here() == '\\') ++at_;
        if (at_ < source_.size()) ++at_;
    }

    std::string_view source_;
    std::size_t at_ = 0;
    bool space_ = true;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) {
    return Scanner(source).tokens();
}

}  // namespace rig::mutation
