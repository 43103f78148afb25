// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/measurement_text.hpp"

#include <fmt/format.h>

#include <cmath>

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

}  // namespace

std::string number_text(double value) {
    return with_digits(value, usual_digits);
}

std::string value_text(const CheckRecord& check) {
    if (!check.value) return "";
    auto text = number_text(*check.value);
    if (const auto limit = broken_limit(check))
        for (int digits = usual_digits; text == number_text(*limit) && digits < all_digits;)
            text = fmt::format("{:.{}g}", *check.value, ++digits);
    return with_unit(text, check.unit);
}

std::string limits_text(const CheckRecord& check) {
    if (!check.value) return "";
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
    if (!check.value) return check.name + (check.detail.empty() ? ": does not hold" : ": " + check.detail);
    const auto outside = outside_text(check);
    return check.name + ": " + value_text(check) + (outside.empty() ? "" : ", " + outside) + " (" +
           limits_text(check) + ")";
}

std::string duration_text(std::int64_t ns) {
    const double seconds = static_cast<double>(ns) * 1e-9;
    const auto whole = ns / 1'000'000'000;
    if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
    if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{:.{}f} s", seconds, seconds < 1 ? 2 : 1);
}

}  // namespace rig::reports
