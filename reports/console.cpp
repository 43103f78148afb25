// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <vector>

#include "reports/requirements.hpp"
#include "reports/wording.hpp"

namespace rig::reports {
namespace {

constexpr std::size_t width = 79;
constexpr std::size_t shown_of_a_group = 4;

constexpr const char* red = "\x1b[31m";
constexpr const char* yellow = "\x1b[33m";
constexpr const char* green = "\x1b[32m";
constexpr const char* bold = "\x1b[1m";

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

/// At most `width` characters.
std::string fit(const std::string& text) {
    std::string line;
    std::size_t characters = 0;
    for (const char byte : text) {
        if (starts_character(byte) && ++characters > width) break;
        line += byte;
    }
    return line;
}

/// Each line of a message, indented.
std::string indented(const std::string& text, const std::string& indent) {
    std::string result;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        result += indent + one_line(line) + "\n";
    return result;
}

std::string title(const Results& results, const TestRecord& test) {
    return one_line(test.key.file + ": " + results.name_of(test));
}

/// Writes with colours, or without.
class Page {
public:
    Page(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

    std::string in(const char* style, const std::string& text) const {
        return colour_ ? style + text + "\x1b[0m" : text;
    }
    void line(const std::string& text) { out_ << text << "\n"; }
    void raw(const std::string& text) { out_ << text; }

private:
    std::ostream& out_;
    bool colour_;
};

void print_test(Page& page, const Results& results, const TestRecord& test) {
    const bool failed = test.verdict == Verdict::failed;
    page.line(page.in(failed ? red : yellow, failed ? "FAILED " : "ERROR  ") +
              page.in(bold, title(results, test)));
    page.raw(indented(own_message(test), "       "));
    for (const auto& check : test.checks) {
        if (check.verdict == Verdict::passed) continue;
        page.line("       " + failure_text(check));
        page.line(fmt::format("           at {}{}{}", check.script_line, check.proves.empty() ? "" : ", ",
                              fmt::join(check.proves, ", ")));
    }
    page.line("");
}

bool has_failed_check(const TestRecord& test) {
    return std::ranges::any_of(test.checks, [](auto& check) { return check.verdict != Verdict::passed; });
}

/// Errors that several tests share, such as an instrument that is not there,
/// are told once, with the first few tests they hit; one that saw a check fail has more to tell.
void print_errors(Page& page, const Results& results) {
    std::vector<std::vector<const TestRecord*>> groups;
    std::map<std::string, std::size_t> group_of;
    for (const auto& test : results.tests) {
        if (test.verdict != Verdict::error) continue;
        const auto [place, is_new] = group_of.try_emplace(test.message, groups.size());
        if (is_new || has_failed_check(test))
            groups.push_back({&test});
        else
            groups[place->second].push_back(&test);
    }
    for (const auto& group : groups) {
        if (group.size() == 1) {
            print_test(page, results, *group.front());
            continue;
        }
        page.line(page.in(yellow, "ERROR  ") + page.in(bold, fmt::format("{} tests", group.size())));
        page.raw(indented(group.front()->message, "       "));
        for (std::size_t i = 0; i < std::min(group.size(), shown_of_a_group); ++i)
            page.line("         in " + title(results, *group[i]));
        if (group.size() > shown_of_a_group)
            page.line(fmt::format("         and {} more", group.size() - shown_of_a_group));
        page.line("");
    }
}

void print_skipped(Page& page, const std::vector<TestRecord>& tests) {
    std::map<std::string, int> reasons;
    for (const auto& test : tests)
        if (test.verdict == Verdict::skipped) ++reasons[one_line(test.message)];
    for (const auto& [reason, count] : reasons)
        page.line(page.in(yellow, "skipped") +
                  fmt::format(" {} test{}: {}", count, count == 1 ? "" : "s", reason));
    if (!reasons.empty()) page.line("");
}

/// "proved   31  BAL-01 BAL-02 ...", broken into lines.
void print_ids(Page& page, const char* style, const std::string& word, const std::set<std::string>& ids) {
    if (ids.empty()) return;
    const auto start = fmt::format("{:<10}{:>3} ", word, ids.size());
    std::string line;
    bool first = true;
    const auto put = [&] {
        page.line((first ? page.in(style, start) : std::string(start.size(), ' ')) + line);
        first = false;
        line.clear();
    };
    for (const auto& id : ids) {
        if (start.size() + line.size() + 1 + id.size() > width) put();
        line += " " + id;
    }
    put();
}

}  // namespace

void ConsoleProgress::begin(int total) {
    failed_ = errors_ = 0;
    if (terminal_)
        show(0, total, "");
    else
        out_ << fmt::format("{} test{} to run\n", total, total == 1 ? "" : "s") << std::flush;
}

void ConsoleProgress::test_ended(const TestRecord& test, int done, int total) {
    failed_ += test.verdict == Verdict::failed;
    errors_ += test.verdict == Verdict::error;
    const auto digits = fmt::formatted_size("{}", total);
    if (!terminal_) {
        out_ << fmt::format("[{:>{}}/{}] {:<7} {} ({})\n", done, digits, total, text_of(test.verdict),
                            title(Results{}, test), duration_text(test.ended_ns - test.began_ns))
             << std::flush;
        return;
    }
    if (test.verdict == Verdict::failed || test.verdict == Verdict::error) {
        clear();
        out_ << fit(fmt::format("{:<7} {}", text_of(test.verdict), title(Results{}, test))) << "\n";
    }
    show(done, total, title(Results{}, test));
}

void ConsoleProgress::finish() {
    if (terminal_) clear();
    out_ << std::flush;
}

void ConsoleProgress::show(int done, int total, const std::string& what) {
    clear();
    auto line = fmt::format("[{:>{}}/{}]", done, fmt::formatted_size("{}", total), total);
    if (failed_ > 0) line += fmt::format(" {} failed", failed_);
    if (errors_ > 0) line += fmt::format(" {} in error", errors_);
    out_ << fit(line + " " + what) << std::flush;
}

void ConsoleProgress::clear() {
    out_ << "\r\x1b[K";
}

void print_summary(std::ostream& out, const Results& results, bool colour) {
    Page page{out, colour};
    print_errors(page, results);
    for (const auto& test : results.tests)
        if (test.verdict == Verdict::failed) print_test(page, results, test);
    print_skipped(page, results.tests);

    const auto& requirements = results.requirements;
    print_ids(page, green, "proved", requirements.proved);
    print_ids(page, yellow, "undecided", requirements.undecided);
    print_ids(page, red, "broken", requirements.broken);
    if (!requirements.proved.empty() || !requirements.undecided.empty() || !requirements.broken.empty())
        page.line("");

    const auto& tally = results.tally;
    if (tally.tests == 0) {
        page.line(page.in(yellow, "no test ran"));
        return;
    }
    page.line(page.in(tally.errors + tally.failed > 0 ? red : green, tally_text(tally)));
    page.line(fmt::format("{} check{} in {} of bench time; {}, seed {}", tally.checks,
                          tally.checks == 1 ? "" : "s", duration_text(tally.ns), results.run.fixture,
                          results.run.seed));
}

}  // namespace rig::reports
