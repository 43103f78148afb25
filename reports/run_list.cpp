// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/run_list.hpp"

#include <fmt/format.h>

#include <ostream>

#include "reports/wording.hpp"

namespace rig::reports {
namespace {

/// "" for a run that came to its end.
std::string ending_text(const Results& results) {
    const auto& run = results.run;
    if (run.ending == RunEnd::complete) return "";
    std::string text = text_of(run.ending);
    if (run.planned > 0) text += fmt::format(" after {} of {} tests", results.tally.tests, run.planned);
    return text;
}

}  // namespace

void print_run_list(std::ostream& out, const Store& store) {
    for (const int number : store.runs()) {
        const auto results = results_of(store, number);
        const auto ending = ending_text(results);
        out << one_line(fmt::format("{:>4}  {:.8}  {}  {:<8}  {:<10} {}{}{}", number, results.run.uuid,
                                    results.run.started_utc, text_of(results.verdict()), results.run.profile,
                                    tally_text(results.tally), ending.empty() ? "" : ", ", ending))
            << '\n';
    }
}

void print_run_heading(std::ostream& out, const Results& results) {
    const auto& run = results.run;
    std::string who = run.operated_by.empty() ? "" : ", operator " + run.operated_by;
    for (const auto& dut : run.duts)
        if (!dut.serial.empty()) who += fmt::format(", {} {}", dut.dut, dut.serial);
    out << one_line(fmt::format("run {} on {}, {}, {}{}", results.number, run.station, run.started_utc,
                                run.profile, who))
        << '\n';
    if (const auto ending = ending_text(results); !ending.empty())
        out << "this run " << (run.ending == RunEnd::running ? "is " : "was ") << ending << '\n';
    out << '\n';
}

}  // namespace rig::reports
