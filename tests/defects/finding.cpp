// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/defects/finding.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <iterator>
#include <ostream>

namespace rig::defects {

namespace {

bool cites_one_of(const FailedCheck& check, const std::vector<std::string>& ids) {
    return std::any_of(check.proves.begin(), check.proves.end(), [&](const std::string& id) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
    });
}

template <typename Texts>
std::string joined(const Texts& texts) {
    return fmt::format("{}", fmt::join(texts, " "));
}

const char* word_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::caught:
            return "caught";
        case Verdict::elsewhere:
            return "ELSEWHERE";
        case Verdict::survived:
            return "SURVIVED";
        case Verdict::not_tried:
            return "NOT TRIED";
    }
    return "";
}

std::string quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

/// Requirements that some defect is said to break, but none turned red.
std::set<std::string> never_red(const std::vector<Finding>& findings) {
    std::set<std::string> broken, red, missing;
    for (const Finding& finding : findings) {
        broken.insert(finding.defect.breaks.begin(), finding.defect.breaks.end());
        const std::set<std::string> cited = finding.cited();
        std::copy_if(finding.defect.breaks.begin(), finding.defect.breaks.end(),
                     std::inserter(red, red.end()),
                     [&](const std::string& id) { return cited.count(id) != 0; });
    }
    std::set_difference(broken.begin(), broken.end(), red.begin(), red.end(),
                        std::inserter(missing, missing.end()));
    return missing;
}

}  // namespace

Verdict Finding::verdict() const {
    if (!trouble.empty()) return Verdict::not_tried;
    if (outcome.failed.empty()) return Verdict::survived;
    return cites_one_of(*first(), defect.breaks) ? Verdict::caught : Verdict::elsewhere;
}

std::set<std::string> Finding::cited() const {
    std::set<std::string> ids;
    for (const FailedCheck& check : outcome.failed)
        ids.insert(check.proves.begin(), check.proves.end());
    return ids;
}

const FailedCheck* Finding::first() const {
    if (outcome.failed.empty()) return nullptr;
    const auto own =
        std::find_if(outcome.failed.begin(), outcome.failed.end(),
                     [&](const FailedCheck& check) { return cites_one_of(check, defect.breaks); });
    return own != outcome.failed.end() ? &*own : &outcome.failed.front();
}

void print_finding(std::ostream& out, const Finding& finding) {
    fmt::print(out, "{:9}  {}  (breaks {})\n", word_of(finding.verdict()), finding.defect.name,
               joined(finding.defect.breaks));
    if (!finding.trouble.empty()) fmt::print(out, "           {}\n", finding.trouble);
    if (finding.outcome.errors > 0)
        fmt::print(out, "           {} of {} tests ended without a verdict\n", finding.outcome.errors,
                   finding.outcome.tests);
    if (const FailedCheck* check = finding.first()) {
        fmt::print(out, "           {} failed, first {} \"{}\"\n",
                   finding.outcome.failed.size() == 1
                       ? std::string("1 check")
                       : fmt::format("{} checks", finding.outcome.failed.size()),
                   check->script_line, check->name);
        fmt::print(out, "           {}\n", joined(finding.cited()));
    }
    out << std::flush;
}

int print_summary(std::ostream& out, const std::vector<Finding>& findings) {
    const auto count = [&](Verdict verdict) {
        return std::count_if(findings.begin(), findings.end(),
                             [&](const Finding& finding) { return finding.verdict() == verdict; });
    };
    fmt::print(out, "{} of {} defects caught, {} elsewhere only, {} survived, {} not tried\n",
               count(Verdict::caught), findings.size(), count(Verdict::elsewhere), count(Verdict::survived),
               count(Verdict::not_tried));
    const bool escaped = count(Verdict::survived) + count(Verdict::elsewhere) > 0;
    const std::set<std::string> missing = never_red(findings);
    if (!missing.empty()) fmt::print(out, "no check turned red for {}\n", joined(missing));
    if (escaped || !missing.empty())
        out << "  try     a check in scripts/acceptance that turns red for each of them, and cites what it "
               "breaks\n";
    if (count(Verdict::not_tried) > 0) {
        out << "  try     what the compiler says above; find must be in the file exactly once\n";
        return 2;
    }
    return escaped || !missing.empty() ? 1 : 0;
}

void write_csv(std::ostream& out, const std::vector<Finding>& findings) {
    out << "defect,file,breaks,verdict,failed checks,tests without verdict,cited,first check,line\n";
    for (const Finding& finding : findings) {
        const FailedCheck* first = finding.first();
        fmt::print(out, "{},{},{},{},{},{},{},{},{}\n", quoted(finding.defect.name),
                   quoted(finding.defect.file), quoted(joined(finding.defect.breaks)),
                   quoted(word_of(finding.verdict())), finding.outcome.failed.size(), finding.outcome.errors,
                   quoted(joined(finding.cited())), quoted(first ? first->name : ""),
                   quoted(first ? first->script_line : ""));
    }
}

}  // namespace rig::defects
