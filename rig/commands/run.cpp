// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/run.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "reports/console.hpp"
#include "reports/html.hpp"
#include "reports/junit.hpp"
#include "reports/report_file.hpp"
#include "rig/commands/run_plan.hpp"
#include "rig/commands/run_record.hpp"
#include "rig/runner.hpp"
#include "rig/separate_files.hpp"
#include "rig/stop.hpp"

namespace rig {

namespace {

namespace fs = std::filesystem;

using reports::RunEnd;
using reports::Store;
using reports::TestRecord;
using reports::Verdict;

double user_seconds() {
    double sum = 0.0;
    for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage used{};
        ::getrusage(who, &used);
        sum += static_cast<double>(used.ru_utime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec) / 1e6;
    }
    return sum;
}

/// Shows the run to whoever watches.
class Watching : public RunListener {
public:
    Watching(std::ostream& out, bool terminal, int total) : progress_(out, terminal), total_(total) {
        progress_.begin(total);
    }

    void test_ended(const TestRecord& test, const std::string& printed) override {
        progress_.test_ended(test, ++done_, total_);
        if (printed.empty()) return;
        std::istringstream lines(printed);
        for (std::string line; std::getline(lines, line);)
            std::cout << "  | " << line << '\n';
        std::cout << std::flush;
    }

    void stopping() override {
        std::cerr << "\nrig: stopping: running tests end safely; once more to stop at once\n";
    }

    void stopping_at_once() override { std::cerr << "rig: stopping at once: the guard switches off\n"; }
    void store_waits(const std::string& complaint, int at_most_s) override {
        std::cerr << fmt::format(
            "\nrig: {}\n  bench   its tests stand still\n  try     waiting for it, {} s at most\n", complaint,
            at_most_s);
    }

    void store_failed(const std::string& complaint) override {
        std::cerr << fmt::format("\nrig: {}\n  bench   running tests end safely, no others begin\n",
                                 complaint);
    }

    void finish() { progress_.finish(); }

private:
    reports::ConsoleProgress progress_;
    int total_;
    int done_ = 0;
};

/// A script that does not load is one error in every report.
int record_broken_scripts(Store& store, int run, const std::string& dut, const Planned& planned,
                          Watching& watching) {
    int broken = 0;
    for (const CollectedScript& script : planned.scripts) {
        if (script.error.empty()) continue;
        TestRecord record;
        record.key = {dut, script.file.name, "loads", 1};
        record.verdict = Verdict::error;
        record.message = script.error;
        store.begin_test(run, record.key, {}, 0);
        store.end_test(run, record.key, record.verdict, record.message, 0);
        watching.test_ended(record, script.printed);
        ++broken;
    }
    return broken;
}

void print_costs(std::int64_t bench_ns) {
    const double bench_s = static_cast<double>(bench_ns) / 1e9;
    const double user_s = user_seconds();
    std::cout << fmt::format("bench time {:.0f} s, processor time {:.1f} s", bench_s, user_s);
    if (user_s > 0.05) std::cout << fmt::format(" ({:.0f} s a second)", bench_s / user_s);
    std::cout << '\n';
}

/// Whether it is there.
template <class Make>
bool write_report(const char* word, const std::string& file, Make make) {
    try {
        reports::write_report_file(file, make());
        std::cout << fmt::format("{} {}\n", word, file) << std::flush;
        return true;
    } catch (const reports::ReportError& refusal) {
        std::cerr << "rig: " << refusal.what() << "; rig report makes it again\n";
        return false;
    }
}

/// What the store cannot know any more.
void end_without_store(reports::Results& results, RunEnd ending) {
    results.run.ending = ending;
    for (TestRecord& test : results.tests)
        if (!test.ended) test.message = "the run ended in this test, when the store took no more";
}

void tell_what_was_lost(const RunOptions& options, int run, const RunTotals& totals) {
    std::string lost = "nothing is lost";
    if (!totals.all_stored)
        lost = fmt::format("of its last tests not everything could be kept, {} of their checks among it",
                           totals.checks_lost);
    std::cerr << fmt::format(
        "rig: the run ended early, because results store {} took no more: {}\n"
        "  try     rig report {} shows what is kept\n",
        options.store, lost, run);
}

void require_separate(const RunOptions& options, const Planned& planned) {
    std::vector<NamedFile> read{{"the fixture", planned.fixture.file}};
    for (const CollectedScript& script : planned.scripts)
        read.push_back({"a script", script.file.path});
    require_separate_files({{"--store", options.store}, {"--junit", options.junit}, {"--html", options.html}},
                           read);
}

}  // namespace

int run_command(const RunOptions& options) {
    const Planned planned = plan(options.scripts);
    require_separate(options, planned);
    RunPlan run_plan = plan_of(options, planned);
    const auto broken_scripts =
        std::count_if(planned.scripts.begin(), planned.scripts.end(),
                      [](const CollectedScript& script) { return !script.error.empty(); });
    if (run_plan.tests.empty() && broken_scripts == 0) {
        throw UsageError(nothing_wanted(planned, options.scripts.selection));
    }

    for (const std::string& report : {options.junit, options.html})
        reports::prepare_report_file(report);
    reports::RunRecord record = record_of(options, planned);
    record.planned = static_cast<int>(run_plan.tests.size()) + static_cast<int>(broken_scripts);
    const fs::path files = fs::path(options.store).parent_path() / "files" / record.uuid;
    run_plan.limits.rights.folder = fs::absolute(files);
    std::cout << fmt::format("{}, seed {}\n", planned.fixture.name, options.seed) << std::flush;
    if (const std::string left = run_plan.guard_record.left_behind(); !left.empty())
        std::cerr << "rig: " << left;
    // Forks the benches: nothing below may come before.
    Runner runner(run_plan);
    Store store(options.store);
    const int run = store.begin_run(record);
    Watching watching(std::cout, ::isatty(STDOUT_FILENO) != 0, record.planned);
    const int broken = record_broken_scripts(store, run, run_plan.dut, planned, watching);
    const RunTotals totals = runner.run(store, run, watching);
    watching.finish();
    const bool cut_short = options.fail_fast && totals.failed + totals.errors > 0;
    const RunEnd ending = totals.stopped || totals.store_failed ? RunEnd::stopped
                          : cut_short                           ? RunEnd::cut_short
                                                                : RunEnd::complete;
    bool end_stored = true;
    try {
        store.end_run(run, utc_now(), ending);
    } catch (const reports::StoreError& refusal) {
        // Told already; the run counts as killed then.
        if (!totals.store_failed) throw;
        end_stored = false;
    }

    reports::Results results = results_of(store, run);
    if (!end_stored) end_without_store(results, ending);
    reports::print_summary(std::cout, results, ::isatty(STDOUT_FILENO) != 0);
    print_costs(totals.bench_ns);
    std::cout << fmt::format("store {}\n", options.store);
    if (fs::exists(files)) std::cout << fmt::format("files {}\n", files.string());
    std::cout << std::flush;
    // Last: one that cannot be written must not cost the operator the summary, nor the other one.
    const bool junit = write_report("junit", options.junit,
                                    [&] { return junit_text(results, reports::JunitDialect::strict); });
    const bool html = write_report("html ", options.html, [&] {
        return html_text(results, [&](const TestRecord& test) { return store.recording(run, test.key); });
    });
    const auto tests_ran = fmt::format("{} of {} tests ran", totals.ran, run_plan.tests.size());
    if (totals.stopped)
        std::cerr << fmt::format("rig: {}: {}\n", stopped, tests_ran);
    else if (cut_short)
        std::cerr << fmt::format("rig: ended early, as --fail-fast asks: {}\n", tests_ran);

    if (totals.store_failed) tell_what_was_lost(options, run, totals);

    if (totals.stopped || totals.store_failed || !junit || !html || totals.errors > 0 || broken > 0) return 2;
    return totals.failed > 0 ? 1 : 0;
}

}  // namespace rig
