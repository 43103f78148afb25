// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/mutation/statements.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace rig::mutation {

namespace {

bool one_of(const Token& token, std::initializer_list<std::string_view> texts) {
    return std::find(texts.begin(), texts.end(), token.text) != texts.end();
}

/// What begins something else than a call or an assignment.
bool is_keyword(const Token& token) {
    return one_of(token, {"return",    "if",       "else",      "while",         "for",      "do",
                          "switch",    "case",     "default",   "break",         "continue", "const",
                          "constexpr", "static",   "auto",      "static_assert", "using",    "template",
                          "typename",  "class",    "struct",    "enum",          "union",    "namespace",
                          "public",    "private",  "protected", "delete",        "new",      "goto",
                          "throw",     "volatile", "unsigned"});
}

/// Follows the braces: which are bodies of functions, and which hold declarations.
class Scopes {
public:
    bool inside_function() const { return !scopes_.empty() && scopes_.back(); }

    /// `head`: the tokens between the last boundary and the brace.
    void open(const Token* head, const Token* brace) {
        bool function = inside_function();
        if (!function) {
            const bool named = std::any_of(head, brace, [](const Token& token) {
                return one_of(token, {"namespace", "class", "struct", "enum", "union"});
            });
            const bool called = std::any_of(head, brace, [](const Token& token) { return token.is("("); });
            function = called && !(named && head != brace && one_of(*head, {"namespace", "enum"}));
        }
        scopes_.push_back(function);
    }

    void close() {
        if (!scopes_.empty()) scopes_.pop_back();
    }

private:
    std::vector<bool> scopes_;  ///< true: inside a function
};

/// A name with what may stand in it: a.b->c[i]::d, (*p). The number of the token behind it.
std::size_t name_end(const std::vector<Token>& tokens, std::size_t at) {
    while (at < tokens.size() && one_of(tokens[at], {"*", "++", "--"}))
        ++at;
    bool word_may_come = true;
    while (at < tokens.size()) {
        if (tokens[at].kind == Token::Kind::word) {
            if (!word_may_come || is_keyword(tokens[at])) return at;
            word_may_come = false;
        } else if (one_of(tokens[at], {".", "->", "::"})) {
            word_may_come = true;
        } else if (tokens[at].is("[")) {
            at = closing(tokens, at);
        } else {
            return at;
        }
        ++at;
    }
    return at;
}

/// Where the statement that begins here ends, if it is one that can be left out.
bool droppable(const std::vector<Token>& tokens, std::size_t first, Statement& statement) {
    if (tokens[first].kind != Token::Kind::word && !one_of(tokens[first], {"*", "++", "--"})) return false;
    std::size_t at = name_end(tokens, first);
    if (at == first || at >= tokens.size()) return false;
    if (one_of(tokens[first], {"++", "--"}) && tokens[at].is(";")) {
        statement = {Statement::Kind::assignment, first, at};
        return true;
    }
    // A chain of calls: a.b(c).d(e);
    while (tokens[at].is("(")) {
        at = closing(tokens, at) + 1;
        if (at >= tokens.size()) return false;
        if (tokens[at].is(";")) {
            statement = {Statement::Kind::call, first, at};
            return true;
        }
        if (one_of(tokens[at], {".", "->"})) at = name_end(tokens, at);
        if (at >= tokens.size()) return false;
    }
    if (one_of(tokens[at], {"++", "--"}) && at + 1 < tokens.size()) {
        ++at;
        statement = {Statement::Kind::assignment, first, at};
        if (tokens[at].is(";")) return true;
    }
    if (!one_of(tokens[at], {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}))
        return false;
    for (; at < tokens.size() && !tokens[at].is(";"); ++at)
        if (one_of(tokens[at], {"(", "{", "["})) at = closing(tokens, at);
    if (at >= tokens.size()) return false;
    statement = {Statement::Kind::assignment, first, at};
    return true;
}

}  // namespace

std::size_t closing(const std::vector<Token>& tokens, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < tokens.size(); ++i) {
        if (one_of(tokens[i], {"(", "[", "{"})) ++depth;
        if (one_of(tokens[i], {")", "]", "}"}) && --depth == 0) return i;
    }
    return tokens.size();
}

std::vector<Statement> droppable_statements(const std::vector<Token>& tokens) {
    std::vector<Statement> found;
    Scopes scopes;
    std::size_t boundary = 0;                 // the first token after the last ; { or }
    std::vector<std::size_t> condition_ends;  // of if, while, for: a statement follows
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        bool begins = false;
        if (i > 0) {
            const Token& before = tokens[i - 1];
            const bool after_condition =
                before.is(")") &&
                std::find(condition_ends.begin(), condition_ends.end(), i - 1) != condition_ends.end();
            const bool after_label = before.is(":") && one_of(tokens[boundary], {"case", "default"});
            begins = boundary == i || after_condition || after_label || before.is("else");
        }
        Statement statement{};
        if (begins && scopes.inside_function() && droppable(tokens, i, statement)) found.push_back(statement);
        if (one_of(token, {"if", "while", "for", "switch"}) && i + 1 < tokens.size() && tokens[i + 1].is("("))
            condition_ends.push_back(closing(tokens, i + 1));
        if (token.is("{")) scopes.open(&tokens[boundary], &token);
        if (token.is("}")) scopes.close();
        if (one_of(token, {";", "{", "}"})) boundary = i + 1;
    }
    return found;
}

}  // namespace rig::mutation
