// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/doctor/sheet.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rig::doctor {

namespace {

const char* word(Finding finding) {
    switch (finding) {
        case Finding::good:
            return "good";
        case Finding::fault:
            return "FAULT";
        case Finding::not_looked_at:
            break;
    }
    return "not seen";
}

}  // namespace

void Sheet::good(std::string what, std::string words) {
    rows_.push_back({std::move(what), Finding::good, std::move(words)});
}

void Sheet::fault(std::string what, std::string words) {
    rows_.push_back({std::move(what), Finding::fault, std::move(words)});
}

void Sheet::not_looked_at(std::string what, std::string words) {
    rows_.push_back({std::move(what), Finding::not_looked_at, std::move(words)});
}

int Sheet::count(Finding finding) const {
    return static_cast<int>(
        std::count_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.finding == finding; }));
}

void Sheet::print(std::ostream& out) const {
    std::size_t width = 0;
    for (const Row& row : rows_)
        width = std::max(width, row.what.size());
    for (const Row& row : rows_)
        out << fmt::format("{:<8}  {:<{}}  {}\n", word(row.finding), row.what, width, row.words);
    const int faults = count(Finding::fault), unseen = count(Finding::not_looked_at);
    out << fmt::format("\n{} looked at, {} faults", rows_.size() - static_cast<std::size_t>(unseen), faults);
    if (unseen > 0) out << fmt::format("; {} not looked at", unseen);
    out << '\n';
}

}  // namespace rig::doctor
