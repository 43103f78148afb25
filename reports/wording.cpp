// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace rig::reports {
namespace {

constexpr int usual_digits = 6;
constexpr int all_digits = 17;

std::string with_digits(double value, int digits) {
    if (std::isnan(value)) return "not a number";
    if (value == 0) return "0";
    // Energy counters and the like: whole numbers are not worth an exponent.
    if (std::abs(value) >= 1e6 && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
    return fmt::format("{:.{}g}", value, digits);
}

std::string with_unit(const std::string& number, const std::string& unit) {
    return unit.empty() ? number : number + " " + unit;
}

/// The limit that the value lies beyond.
std::optional<double> broken_limit(const CheckRecord& check) {
    if (!check.value) return std::nullopt;
    if (check.high && *check.value > *check.high) return check.high;
    if (check.low && *check.value < *check.low) return check.low;
    return std::nullopt;
}

/// A line of a test's message that begins as one of its failed checks does.
bool tells_of_failed_check(const std::string& line, const std::vector<CheckRecord>& checks) {
    return std::ranges::any_of(checks, [&](const CheckRecord& check) {
        return check.verdict != Verdict::passed && (line == check.name || line.starts_with(check.name + ":"));
    });
}

}  // namespace

std::string number_text(double value) {
    return with_digits(value, usual_digits);
}

std::string value_text(const CheckRecord& check) {
    if (!check.value) return "";
    if (std::isnan(*check.value)) return number_text(*check.value);
    auto text = number_text(*check.value);
    if (const auto limit = broken_limit(check))
        for (int digits = usual_digits; text == number_text(*limit) && digits < all_digits;)
            text = fmt::format("{:.{}g}", *check.value, ++digits);
    return with_unit(text, check.unit);
}

std::string limits_text(const CheckRecord& check) {
    if (!check.value) return "";
    if (check.low && check.high && *check.low == *check.high)
        return "exactly " + with_unit(number_text(*check.low), check.unit);
    if (check.low && check.high)
        return with_unit(number_text(*check.low), check.unit) + " to " +
               with_unit(number_text(*check.high), check.unit);
    if (check.low) return "at least " + with_unit(number_text(*check.low), check.unit);
    if (check.high) return "at most " + with_unit(number_text(*check.high), check.unit);
    return "any value";
}

std::string outside_text(const CheckRecord& check) {
    const auto limit = broken_limit(check);
    if (!limit) return "";
    const double distance = *check.value - *limit;
    return with_unit(with_digits(std::abs(distance), 3), check.unit) +
           (distance > 0 ? " too high" : " too low");
}

std::string failure_text(const CheckRecord& check) {
    const auto outside = outside_text(check);
    std::string text = check.name + ": ";
    // A wait that was in vain has a value inside its limits: the time it took.
    const bool measured = check.value && (check.detail.empty() || !outside.empty());
    if (measured) {
        text += value_text(check);
        if (!outside.empty()) text += ", " + outside;
        if (check.low || check.high) text += " (" + limits_text(check) + ")";
        if (!check.detail.empty()) text += ", ";
    }
    text += !measured && check.detail.empty() ? "does not hold" : check.detail;
    return one_line(text);
}

std::string own_message(const TestRecord& test) {
    // Why a test is in error, no check says.
    if (test.verdict == Verdict::error) return test.message;
    std::string own, lead;
    bool repeats = false;
    std::istringstream lines{test.message};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(' ')) {
            repeats = tells_of_failed_check(line, test.checks);
            if (repeats) lead.clear();
        }
        if (repeats) continue;
        lead += line + "\n";
        if (line.ends_with(':')) continue;  // goes with the line that it leads up to
        own += std::exchange(lead, "");
    }
    own += lead;
    if (!own.empty()) own.pop_back();
    return own;
}

std::string tally_text(const Tally& tally) {
    auto text = fmt::format("{} test{}: {} passed", tally.tests, tally.tests == 1 ? "" : "s", tally.passed);
    if (tally.failed > 0) text += fmt::format(", {} failed", tally.failed);
    if (tally.errors > 0) text += fmt::format(", {} in error", tally.errors);
    if (tally.skipped > 0) text += fmt::format(", {} skipped", tally.skipped);
    return text;
}

std::string headline(const TestRecord& test) {
    if (const auto message = own_message(test); !message.empty())
        return one_line(message.substr(0, message.find('\n')));
    for (const auto& check : test.checks)
        if (check.verdict != Verdict::passed) return failure_text(check);
    return text_of(test.verdict);
}

std::string one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char byte) { return static_cast<unsigned char>(byte) < 0x20; }, ' ');
    return text;
}

std::string duration_text(std::int64_t ns) {
    const double seconds = static_cast<double>(ns) * 1e-9;
    const auto whole = ns / 1'000'000'000;
    if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
    if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{:.{}f} s", seconds, seconds < 1 ? 2 : 1);
}

}  // namespace rig::reports
