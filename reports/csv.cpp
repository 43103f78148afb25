// SPDX-License-Identifier: GPL-3.0-or-later
#include "reports/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/wording.hpp"

namespace rig::reports {
namespace {

constexpr const char* heading =
    "run,dut,serial,file,line,test,attempt,test_verdict,test_message,number,check,verdict,value,unit,low,"
    "high,"
    "margin,detail,script_line,bench_s,requirements\r\n";

std::string number(const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : "";
}

std::string line_of(const std::vector<std::string>& fields) {
    std::string line;
    for (const auto& field : fields)
        line += (line.empty() ? "" : ",") + csv_field(field);
    return line + "\r\n";
}

std::string seconds(std::int64_t ns) {
    return fmt::format("{}", static_cast<double>(ns) / 1e9);
}

}  // namespace

std::string csv_quoted(const std::string& text) {
    std::string quoted = "\"";
    for (const char byte : text)
        quoted += byte == '"' ? "\"\"" : std::string(1, byte);
    return quoted + "\"";
}

std::string csv_field(const std::string& text) {
    return text.find_first_of(",\"\r\n") == std::string::npos ? text : csv_quoted(text);
}

std::string csv_text(const Results& results) {
    std::string text = heading;
    for (const auto& test : results.tests) {
        const auto dut = std::ranges::find(results.run.duts, test.key.dut, &DutRecord::dut);
        const std::vector<std::string> of_test{results.run.uuid,
                                               test.key.dut,
                                               dut == results.run.duts.end() ? "" : dut->serial,
                                               test.key.file,
                                               std::to_string(test.line),
                                               test.key.name,
                                               std::to_string(test.key.attempt),
                                               text_of(test.verdict),
                                               test.verdict == Verdict::passed ? "" : headline(test)};
        const auto add = [&](std::vector<std::string> of_check) {
            of_check.insert(of_check.begin(), of_test.begin(), of_test.end());
            text += line_of(of_check);
        };
        if (test.checks.empty()) add({"", "", "", "", "", "", "", "", "", "", seconds(test.ended_ns), ""});
        for (const auto& check : test.checks)
            add({std::to_string(check.number), check.name, text_of(check.verdict), number(check.value),
                 check.unit, number(check.low), number(check.high), number(margin_of(check)), check.detail,
                 check.script_line, seconds(check.bench_ns),
                 fmt::format("{}", fmt::join(check.proves, " "))});
    }
    return text;
}

}  // namespace rig::reports
