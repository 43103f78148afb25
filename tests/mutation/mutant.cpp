// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/mutant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "rig/trace/fingerprint.hpp"
#include "tests/mutation/statements.hpp"

namespace rig::mutation {

namespace {

const std::map<std::string_view, std::string_view> turned{{"<", ">="}, {">=", "<"},  {">", "<="},
                                                          {"<=", ">"}, {"==", "!="}, {"!=", "=="}};
const std::map<std::string_view, std::string_view> shifted{
    {"<", "<="}, {"<=", "<"}, {">", ">="}, {">=", ">"}};
const std::map<std::string_view, std::string_view> flipped{
    {"+", "-"}, {"-", "+"}, {"+=", "-="}, {"-=", "+="}};
const std::map<std::string_view, std::string_view> joined{{"&&", "||"}, {"||", "&&"}};

/// The number `by` more, written as it was; nullopt when it is none, or would be negative.
std::optional<std::string> moved(std::string_view number, int by) {
    std::string digits(number);
    digits.erase(std::remove(digits.begin(), digits.end(), '\''), digits.end());
    const bool hex = digits.rfind("0x", 0) == 0 || digits.rfind("0X", 0) == 0;
    const char* from = digits.data() + (hex ? 2 : 0);
    unsigned long long value = 0;
    const auto [end, error] = std::from_chars(from, digits.data() + digits.size(), value, hex ? 16 : 10);
    if (error != std::errc{} || (by < 0 && value == 0)) return std::nullopt;
    const std::string suffix(end);
    if (suffix.find_first_not_of("uUlL") != std::string::npos) return std::nullopt;
    value += static_cast<unsigned long long>(by);
    return (hex ? fmt::format("0x{:X}", value) : fmt::format("{}", value)) + suffix;
}

class Maker {
public:
    Maker(const std::string& file, const std::string& source)
        : file_(file),
          source_(source),
          print_(defects::Fingerprint().add(source).text()),
          tokens_(tokens_of(source)) {}

    std::vector<Mutant> all() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (tokens_[i].is("static_assert")) i = closing(tokens_, i + 1);
            if (i < tokens_.size()) of_token(i);
        }
        for (const Statement& statement : droppable_statements(tokens_))
            drop(statement);
        std::stable_sort(made_.begin(), made_.end(),
                         [](const Mutant& a, const Mutant& b) { return a.at < b.at; });
        return std::move(made_);
    }

private:
    void of_token(std::size_t i) {
        const Token& token = tokens_[i];
        // The layout tells a comparison from a template's bracket, and a minus from a sign.
        const bool binary = token.space_before && token.space_after;
        if (token.kind == Token::Kind::number) {
            if (const auto more = moved(token.text, 1)) replace(i, *more, "constant one more");
            if (const auto less = moved(token.text, -1)) replace(i, *less, "constant one less");
        } else if (token.is("true") || token.is("false")) {
            replace(i, token.is("true") ? "false" : "true", "constant turned");
        } else if (binary) {
            replace_by(turned, i, "comparison turned");
            replace_by(shifted, i, "comparison shifted");
            replace_by(flipped, i, "sign flipped");
            replace_by(joined, i, "and for or");
            if (token.is("?")) negate(condition_begin(i), i, "condition negated");
        } else if (token.is("-") && !token.space_after) {
            replace(i, "", "sign flipped");
        } else if (token.is("!")) {
            replace(i, "", "negation dropped");
        }
        const bool conditional = token.is("if") || token.is("while");
        if (conditional && i + 1 < tokens_.size() && tokens_[i + 1].is("("))
            negate(i + 2, closing(tokens_, i + 1), "condition negated");
    }

    /// Of a conditional operator: back to what binds more loosely, or to the bracket it is in.
    std::size_t condition_begin(std::size_t question) const {
        static constexpr std::string_view ends[] = {"=", "return", ",", ";", "?", ":", "{", "(", "["};
        int depth = 0;
        for (std::size_t i = question; i-- > 0;) {
            const Token& token = tokens_[i];
            if (token.is(")") || token.is("]") || token.is("}")) {
                ++depth;
            } else if (depth > 0) {
                if (token.is("(") || token.is("[") || token.is("{")) --depth;
            } else if (std::find(std::begin(ends), std::end(ends), token.text) != std::end(ends)) {
                return i + 1;
            }
        }
        return 0;
    }

    void replace_by(const std::map<std::string_view, std::string_view>& table, std::size_t i,
                    const char* kind) {
        if (const auto found = table.find(tokens_[i].text); found != table.end())
            replace(i, std::string(found->second), kind);
    }

    void replace(std::size_t i, const std::string& text, const char* kind) {
        add(tokens_[i].at, tokens_[i].end(), text, kind);
    }

    void negate(std::size_t first, std::size_t end, const char* kind) {
        if (first >= end || end >= tokens_.size()) return;
        const std::size_t from = tokens_[first].at, to = tokens_[end - 1].end();
        add(from, to, "!(" + source_.substr(from, to - from) + ")", kind);
    }

    void drop(const Statement& statement) {
        add(tokens_[statement.first].at, tokens_[statement.last].end(), "{}",
            statement.kind == Statement::Kind::call ? "call dropped" : "assignment dropped");
    }

    void add(std::size_t from, std::size_t to, const std::string& text, const char* kind) {
        Mutant mutant{file_, kind, from, to - from, text, 0, {}, {}, print_};
        mutant.line = 1 + static_cast<int>(
                              std::count(source_.begin(), source_.begin() + static_cast<long>(from), '\n'));
        mutant.before = line_at(source_, from);
        mutant.after = line_at(mutant.applied_to(source_), from);
        made_.push_back(std::move(mutant));
    }

    static std::string line_at(const std::string& text, std::size_t at) {
        const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
        std::string line = text.substr(begin, text.find('\n', at) - begin);
        line.erase(0, line.find_first_not_of(' '));
        return line;
    }

    std::string file_;
    const std::string& source_;
    std::string print_;
    std::vector<Token> tokens_;
    std::vector<Mutant> made_;
};

}  // namespace

std::string Mutant::applied_to(const std::string& source) const {
    return std::string(source).replace(at, length, replacement);
}

std::string Mutant::name() const {
    return fmt::format("{}:{}:{} {} {}", file, at, length, kind, replacement);
}

std::vector<Mutant> mutants_of(const std::string& file, const std::string& source) {
    return Maker(file, source).all();
}

}  // namespace rig::mutation
