// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>
#include <mutex>
#include <regex>
#include <thread>

#include "tests/defects/finding.hpp"
#include "tests/defects/scratch_firmware.hpp"
#include "tests/reports/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace rig::defects;

struct Options {
    std::string list = PROJECT_FOLDER "/tests/defects/gen3-hw2.toml";
    std::string only, filter, csv = "results/defects.csv";
    std::uint64_t seed = 1;
    int jobs = 0;
    bool own = false, names = false;
};

std::atomic<bool> stopped{false};

int processors() {
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::vector<Defect> chosen(const std::vector<Defect>& all, const std::string& only) {
    const std::regex wanted(only);
    std::vector<Defect> chosen;
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
                 [&](const Defect& defect) { return std::regex_search(defect.name, wanted); });
    if (chosen.empty()) throw DefectError(fmt::format("no defect's name matches \"{}\"", only));
    return chosen;
}

/// One scratch firmware after the other gets one defect after the other.
class Campaign {
public:
    Campaign(std::vector<Defect> defects, const Suite& suite, const std::string& profile, int workers,
             bool own)
        : suite_(suite), profile_(profile), workers_(workers), own_(own) {
        for (Defect& defect : defects)
            findings_.push_back({std::move(defect), {}, {}});
    }

    /// Sound firmware must pass, or no red check would mean anything.
    void require_sound_firmware_to_pass() {
        ScratchFirmware firmware(suite_.project, folder_ / "sound", profile_, processors());
        firmware.build_sound();
        Suite whole = suite_;
        whole.jobs = processors();
        const SuiteOutcome outcome = whole.run(firmware.images(), folder_ / "sound/results");
        if (outcome.failed.empty() && outcome.errors == 0) return;
        const std::string first =
            outcome.failed.empty()
                ? ""
                : fmt::format(", first {} \"{}\"", outcome.failed[0].script_line, outcome.failed[0].name);
        throw DefectError(fmt::format("without any defect {} checks fail and {} tests have no verdict{}",
                                      outcome.failed.size(), outcome.errors, first));
    }

    const std::vector<Finding>& run() {
        std::vector<std::thread> threads;
        for (int worker = 0; worker < workers_; ++worker)
            threads.emplace_back([this, worker] { work(folder_ / fmt::format("{}", worker)); });
        for (std::thread& thread : threads)
            thread.join();
        if (stopped) throw DefectError("stopped");
        return findings_;
    }

private:
    void work(const fs::path& folder) {
        std::unique_ptr<ScratchFirmware> firmware;
        for (std::size_t i = next_++; i < findings_.size() && !stopped; i = next_++) {
            Finding& finding = findings_[i];
            try {
                if (!firmware)
                    firmware =
                        std::make_unique<ScratchFirmware>(suite_.project, folder, profile_, suite_.jobs);
                firmware->build(finding.defect);
                finding.outcome = suite_.run(firmware->images(), folder / "results",
                                             own_ ? finding.defect.breaks : std::vector<std::string>{});
            } catch (const std::exception& error) {
                finding.trouble = error.what();
            }
            if (stopped) return;
            const std::lock_guard<std::mutex> lock(printing_);
            print_finding(std::cout, finding);
        }
    }

    rig::reports::TemporaryFolder folder_;
    Suite suite_;
    std::string profile_;
    int workers_;
    bool own_;
    std::vector<Finding> findings_;
    std::atomic<std::size_t> next_{0};
    std::mutex printing_;
};

int run(const Options& options) {
    const DefectList list = read_defects(options.list);
    std::vector<Defect> defects = chosen(list.defects, options.only);
    if (options.names) {
        for (const Defect& defect : defects)
            std::cout << fmt::format("{}  ({})\n", defect.name, fmt::join(defect.breaks, " "));
        return 0;
    }
    Suite suite{PROJECT_FOLDER, RIG_PROGRAM,  fs::path(PROJECT_FOLDER) / list.fixture,
                options.filter, options.seed, 1};
    const int jobs = options.jobs > 0 ? options.jobs : processors();
    const int workers = std::min(jobs, static_cast<int>(defects.size()));
    suite.jobs = std::max(1, jobs / workers);

    Campaign campaign(std::move(defects), suite, list.profile, workers, options.own);
    campaign.require_sound_firmware_to_pass();
    const std::vector<Finding>& findings = campaign.run();
    const int code = print_summary(std::cout, findings);
    if (const fs::path folder = fs::path(options.csv).parent_path(); !folder.empty())
        fs::create_directories(folder);
    std::ofstream csv(options.csv);
    write_csv(csv, findings);
    csv.close();
    if (!csv) throw DefectError("cannot write " + options.csv);
    std::cout << "csv " << options.csv << '\n';
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Breaks the firmware on purpose, one defect at a time, and tells which checks notice.",
                 "run_defects");
    Options options;
    app.add_option("--list-file", options.list, "the list of defects")->type_name("FILE");
    app.add_option("--only", options.only, "only defects whose name matches")->type_name("REGEX");
    app.add_option("--filter", options.filter, "only tests whose name matches")->type_name("REGEX");
    app.add_flag("--own", options.own,
                 "only tests that prove what a defect breaks: faster, but others may catch too");
    app.add_option("--csv", options.csv, "where the table goes")->type_name("FILE")->capture_default_str();
    app.add_option("--seed", options.seed, "of noise and tolerances")->type_name("N")->capture_default_str();
    app.add_option("--jobs", options.jobs, "defects at a time (default: as many as processors)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    app.add_flag("--list", options.names, "shows the defects and what they break");
    app.footer("Example: run_defects --only '^v-max'");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    // Children get the signal too and stop; what is left to do here is to clean up.
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, [](int) { stopped = true; });
    try {
        return run(options);
    } catch (const std::exception& error) {
        std::cerr << "run_defects: " << error.what() << '\n';
        return 2;
    }
}
