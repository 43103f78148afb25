// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <sstream>

#include "reports/comparison.hpp"
#include "reports/console.hpp"
#include "reports/csv.hpp"
#include "reports/html.hpp"
#include "reports/json.hpp"
#include "reports/junit.hpp"
#include "reports/report_file.hpp"
#include "reports/run_list.hpp"
#include "reports/signals_csv.hpp"
#include "rig/separate_files.hpp"

namespace rig {

namespace fs = std::filesystem;

namespace {

using reports::JunitDialect;
using reports::Results;

std::string as_text(const Results& results, bool colour) {
    std::ostringstream text;
    print_run_heading(text, results);
    print_summary(text, results, colour);
    return text.str();
}

/// Beside a report that goes to a file: what was recorded in each test that did not pass.
class Attachments {
public:
    Attachments(const reports::Store& store, int run, const fs::path& report)
        : store_(store), run_(run), report_(report) {}

    std::vector<std::string> operator()(const reports::TestRecord& test) {
        const bool bad = test.verdict == reports::Verdict::failed || test.verdict == reports::Verdict::error;
        if (report_.empty() || !bad) return {};
        const auto recording = store_.recording(run_, test.key);
        if (recording.empty()) return {};
        const fs::path file =
            fs::path(report_.stem().string() + "-signals") / fmt::format("{}.csv", ++written_);
        reports::write_report_file(report_.parent_path() / file, signals_csv_text(recording));
        return {file.generic_string()};
    }

private:
    const reports::Store& store_;
    int run_;
    fs::path report_;
    int written_ = 0;
};

std::string made(const ReportOptions& options, const reports::Store& store, const Results& results) {
    if (options.format == "junit-strict") return junit_text(results, JunitDialect::strict);
    if (options.format == "junit-rich")
        return junit_text(results, JunitDialect::rich, Attachments(store, results.number, options.output));
    if (options.format == "html")
        return html_text(results, [&](const reports::TestRecord& test) {
            return store.recording(results.number, test.key);
        });
    if (options.format == "csv") return csv_text(results);
    if (options.format == "json") return json_text(results);
    return as_text(results, options.output.empty() && ::isatty(STDOUT_FILENO) != 0);
}

}  // namespace

const std::vector<std::string>& report_formats() {
    static const std::vector<std::string> formats{"text", "junit-strict", "junit-rich",
                                                  "html", "csv",          "json"};
    return formats;
}

int report_command(const ReportOptions& options) {
    require_separate_files({{"--output", options.output}}, {{"--store", options.store}});
    const reports::Store store(options.store, std::chrono::seconds{5}, reports::Store::Access::read);
    if (options.list) {
        print_run_list(std::cout, store);
        return 0;
    }
    const int run = options.run.empty() ? store.latest_run() : store.find_run(options.run);
    const std::string report =
        options.compare.empty() ? made(options, store, results_of(store, run))
                                : comparison_text(results_of(store, store.find_run(options.compare.at(0))),
                                                  results_of(store, store.find_run(options.compare.at(1))));
    if (options.output.empty())
        std::cout << report;
    else
        reports::write_report_file(options.output, report);
    return 0;
}

}  // namespace rig
