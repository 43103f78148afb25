// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/finding.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "reports/csv.hpp"

namespace rig::defects {

namespace {

using reports::csv_quoted;

template <typename Texts>
std::string joined(const Texts& texts) {
    return fmt::format("{}", fmt::join(texts, " "));
}

/// The check that speaks for the result: of a requirement that the defect breaks, else the first.
const RedCheck& telling(const DefectResult& result) {
    return result.red.empty() ? result.first : result.red.begin()->second;
}

std::set<std::string> red_ids(const DefectResult& result) {
    std::set<std::string> ids;
    for (const auto& [id, check] : result.red)
        ids.insert(id);
    return ids;
}

/// By profile: requirements that some defect is said to break, but none turned red.
std::map<std::string, std::set<std::string>> never_red(const std::vector<Finding>& findings) {
    std::map<std::string, std::set<std::string>> missing;
    for (const Finding& finding : findings)
        if (finding.result.verdict != Verdict::absent)
            missing[finding.trial.profile].insert(finding.trial.breaks.begin(), finding.trial.breaks.end());
    for (const Finding& finding : findings)
        for (const auto& [id, check] : finding.result.red)
            missing[finding.trial.profile].erase(id);
    return missing;
}

}  // namespace

void print_finding(std::ostream& out, const Finding& finding) {
    const DefectResult& result = finding.result;
    fmt::print(out, "{:9}  {}  {}  (breaks {}){}\n", word_of(result.verdict), finding.trial.profile,
               finding.trial.defect.name, joined(finding.trial.breaks), finding.kept ? "  as before" : "");
    if (!result.trouble.empty()) fmt::print(out, "           {}\n", result.trouble);
    if (result.errors > 0)
        fmt::print(out, "           {} of {} tests ended without a verdict\n", result.errors, result.tests);
    if (const RedCheck& check = telling(result); !check.name.empty()) {
        fmt::print(out, "           {} \"{}\"{}{}\n", check.script_line, check.name,
                   result.red.empty() ? "" : ", ", joined(red_ids(result)));
    }
    out << std::flush;
}

int print_summary(std::ostream& out, const std::vector<Finding>& findings) {
    const auto count = [&](Verdict verdict) {
        return std::count_if(findings.begin(), findings.end(),
                             [&](const Finding& finding) { return finding.result.verdict == verdict; });
    };
    const auto absent = count(Verdict::absent);
    fmt::print(out, "{} of {} defects caught, {} elsewhere only, {} survived, {} not tried{}\n",
               count(Verdict::caught), static_cast<std::ptrdiff_t>(findings.size()) - absent,
               count(Verdict::elsewhere), count(Verdict::survived), count(Verdict::not_tried),
               absent > 0 ? fmt::format("; {} change nothing in these images", absent) : "");
    bool escaped = count(Verdict::survived) + count(Verdict::elsewhere) > 0;
    for (const auto& [profile, missing] : never_red(findings)) {
        if (missing.empty()) continue;
        fmt::print(out, "{}: no check turned red for {}\n", profile, joined(missing));
        escaped = true;
    }
    if (escaped)
        out << "  try     a check in scripts/acceptance that turns red for each of them, and cites what it "
               "breaks\n";
    if (count(Verdict::not_tried) > 0) {
        out << "  try     what the compiler says above; find must be in the file exactly once\n";
        return 2;
    }
    return escaped ? 1 : 0;
}

void write_csv(std::ostream& out, const std::vector<Finding>& findings) {
    out << "profile,defect,file,breaks,verdict,red,check,line,tests without verdict\n";
    for (const Finding& finding : findings) {
        const RedCheck& check = telling(finding.result);
        fmt::print(out, "{},{},{},{},{},{},{},{},{}\n", finding.trial.profile,
                   csv_quoted(finding.trial.defect.name), csv_quoted(finding.trial.defect.file),
                   csv_quoted(joined(finding.trial.breaks)), csv_quoted(word_of(finding.result.verdict)),
                   csv_quoted(joined(red_ids(finding.result))), csv_quoted(check.name),
                   csv_quoted(check.script_line), finding.result.errors);
    }
}

}  // namespace rig::defects
