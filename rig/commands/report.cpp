// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/report.hpp"

#include <unistd.h>

#include <iostream>
#include <sstream>

#include "reports/console.hpp"
#include "reports/csv.hpp"
#include "reports/json.hpp"
#include "reports/junit.hpp"
#include "reports/report_file.hpp"
#include "reports/run_list.hpp"

namespace rig {

namespace {

using reports::JunitDialect;
using reports::Results;

std::string as_text(const Results& results, bool colour) {
    std::ostringstream text;
    print_run_heading(text, results);
    print_summary(text, results, colour);
    return text.str();
}

std::string made(const ReportOptions& options, const Results& results) {
    if (options.format == "junit-strict") return junit_text(results, JunitDialect::strict);
    if (options.format == "junit-rich") return junit_text(results, JunitDialect::rich);
    if (options.format == "csv") return csv_text(results);
    if (options.format == "json") return json_text(results);
    return as_text(results, options.output.empty() && ::isatty(STDOUT_FILENO) != 0);
}

}  // namespace

const std::vector<std::string>& report_formats() {
    static const std::vector<std::string> formats{"text", "junit-strict", "junit-rich", "csv", "json"};
    return formats;
}

int report_command(const ReportOptions& options) {
    const reports::Store store(options.store, std::chrono::seconds{5}, reports::Store::Access::read);
    if (options.list) {
        print_run_list(std::cout, store);
        return 0;
    }
    const int run = options.run.empty() ? store.latest_run() : store.find_run(options.run);
    const std::string report = made(options, results_of(store, run));
    if (options.output.empty())
        std::cout << report;
    else
        reports::write_report_file(options.output, report);
    return 0;
}

}  // namespace rig
