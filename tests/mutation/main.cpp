// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <regex>
#include <set>
#include <thread>

#include "fixtures/profile.hpp"
#include "rig/trace/fingerprint.hpp"
#include "tests/defects/broken_text.hpp"
#include "tests/defects/campaign_program.hpp"
#include "tests/defects/child_process.hpp"
#include "tests/mutation/harmless.hpp"
#include "tests/mutation/judge.hpp"
#include "tests/mutation/sample.hpp"
#include "tests/reports/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace rig::mutation;
using rig::defects::DefectError;
using rig::defects::stopped;

struct Options {
    std::vector<std::string> profiles{"gen3-hw2", "gen3-hw1", "gen2-out2", "gen2-out1"};
    std::string only, results = "results/mutants.jsonl";
    std::size_t sample = 200;
    std::uint64_t seed = 1;
    int jobs = 0;
    double least_percent = 95.0;
    bool all = false, unit = false, fresh = false, list = false;

    By by() const { return unit ? By::unit_tests : By::acceptance_scripts; }
};

const fs::path project = PROJECT_FOLDER;

std::vector<Mutant> all_mutants(const std::string& only) {
    std::set<fs::path> files;
    for (const char* folder : {"firmware/core", "firmware/boards"})
        for (const auto& entry : fs::directory_iterator(project / folder))
            files.insert(entry.path());
    const std::regex wanted(only);
    std::vector<Mutant> all;
    for (const fs::path& file : files) {
        const std::string name = file.lexically_relative(project).string();
        for (Mutant& mutant : mutants_of(name, rig::defects::read_text(file)))
            if (std::regex_search(fmt::format("{}:{} {}", name, mutant.line, mutant.kind), wanted))
                all.push_back(std::move(mutant));
    }
    if (all.empty()) throw DefectError(fmt::format("no place in the firmware matches \"{}\"", only));
    return all;
}

/// What a fate hangs on, besides the mutant itself.
std::string state_of_project(const Options& options) {
    const rig::defects::ProjectState state(project);
    rig::defects::Fingerprint print;
    print.add(state.firmware()).add(options.unit ? "unit tests" : state.scripts({}));
    for (const std::string& profile : options.profiles)
        print.add(profile).add(state.bench("fixtures/" + profile + "-4s.toml", profile));
    return print.text();
}

/// Several judges at work on one sample.
class Campaign {
public:
    Campaign(const Options& options, std::vector<Mutant> mutants)
        : options_(options),
          mutants_(std::move(mutants)),
          sample_(options.all ? in_order(mutants_.size()) : shuffled(mutants_.size(), options.seed),
                  options.all ? 0 : options.sample),
          state_(state_of_project(options)) {
        if (!options.fresh) kept_ = read_kept(options.results);
    }

    void measure_sound_firmware() {
        rig::defects::ScratchFirmware firmware(project, folder_ / "sound", processors(),
                                               rig::defects::Warnings::are_none);
        const rig::defects::Suite suite{project, program_, 1, processors()};
        for (const std::string& profile : options_.profiles) {
            profiles_.push_back(
                sound_profile(options_.by(), profile, firmware, suite, folder_ / "sound-results"));
            if (!options_.unit)
                std::cout << fmt::format("{}: the sound firmware passes in {:.1f} s of processor time\n",
                                         profile, profiles_.back().cpu_s)
                          << std::flush;
        }
    }

    std::vector<Tried> run() {
        const int workers = options_.jobs > 0 ? options_.jobs : processors();
        std::vector<std::thread> threads;
        for (int worker = 0; worker < workers; ++worker)
            threads.emplace_back([this, worker] { work(folder_ / fmt::format("{}", worker)); });
        for (std::thread& thread : threads)
            thread.join();
        if (failed_) throw DefectError(failure_);
        if (stopped) throw DefectError("stopped; what was tried is kept");
        std::vector<Tried> all;
        for (auto& [number, tried] : tried_)
            all.push_back(tried);
        return all;
    }

private:
    static int processors() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

    static std::vector<std::size_t> in_order(std::size_t count) {
        std::vector<std::size_t> order(count);
        for (std::size_t i = 0; i < count; ++i)
            order[i] = i;
        return order;
    }

    void work(const fs::path& folder) {
        try {
            std::unique_ptr<Judge> judge;
            while (const auto next = sample_.next()) {
                if (!stopped && !failed_) try_one(*next, judge, folder);
                const std::lock_guard<std::mutex> lock(mutex_);
                const auto found = tried_.find(*next);
                sample_.done(found != tried_.end() && counts(found->second.fate));
                if (stopped || failed_) return;
            }
        } catch (const std::exception& error) {
            const std::lock_guard<std::mutex> lock(mutex_);
            failure_ = error.what();
            failed_ = true;
            sample_.done(false);
        }
    }

    void try_one(std::size_t number, std::unique_ptr<Judge>& judge, const fs::path& folder) {
        const Mutant& mutant = mutants_[number];
        if (!harmless_.reason(mutant).empty()) {
            const std::lock_guard<std::mutex> lock(mutex_);
            tried_[number].mutant = mutant;
            tried_[number].fate = Fate::harmless;
            return;
        }
        const auto known = kept_.find(mutant.name());
        if (known != kept_.end() && known->second.of == state_) {
            const std::lock_guard<std::mutex> lock(mutex_);
            tried_[number] = known->second;
            tried_[number].mutant = mutant;
            return;
        }
        if (!judge)
            judge = std::make_unique<Judge>(options_.by(), rig::defects::Suite{project, program_, 1, 1},
                                            profiles_, folder);
        Tried tried = judge->judge(mutant);
        if (stopped) return;
        tried.of = state_;
        const std::lock_guard<std::mutex> lock(mutex_);
        keep(options_.results, tried);
        print(std::cout, tried);
        tried_[number] = std::move(tried);
    }

    const Options& options_;
    std::vector<Mutant> mutants_;
    Sample sample_;
    std::string state_;
    rig::reports::TemporaryFolder folder_;
    fs::path program_ = rig::defects::own_copy(RIG_PROGRAM, folder_ / "program");
    std::vector<SoundProfile> profiles_;
    HarmlessList harmless_ = HarmlessList::read(project / "tests/mutation/harmless.toml", project);
    Kept kept_;
    std::map<std::size_t, Tried> tried_;
    std::string failure_;
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
};

int run(const Options& options) {
    std::vector<Mutant> mutants = all_mutants(options.only);
    std::cout << fmt::format("{} places to change\n", mutants.size()) << std::flush;
    if (options.list) {
        for (const Mutant& mutant : mutants)
            std::cout << fmt::format("{}:{} {}\n    was  {}\n    is   {}\n", mutant.file, mutant.line,
                                     mutant.kind, mutant.before, mutant.after);
        return 0;
    }
    const auto began = std::chrono::steady_clock::now();
    Campaign campaign(options, std::move(mutants));
    campaign.measure_sound_firmware();
    const std::vector<Tried> all = campaign.run();
    print_summary(std::cout, all);
    double cpu_s = 0.0;
    for (const Tried& tried : all)
        cpu_s += tried.cpu_s;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::cout << fmt::format("{:.0f} s of processor time in tests, {:.0f} s by the clock; results {}\n",
                             cpu_s, took.count(), options.results);
    return 100.0 * share_caught(all) >= options.least_percent ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Makes one small change at a time in the firmware and tells which ones no test notices.",
                 "run_mutants");
    Options options;
    app.add_option("--sample", options.sample, "so many mutants that count, drawn by the seed")
        ->type_name("N")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "of the sample")->type_name("N")->capture_default_str();
    app.add_flag("--all", options.all, "every mutant");
    app.add_option("--only", options.only, "only places whose \"file:line kind\" matches")
        ->type_name("REGEX");
    app.add_option("--profile", options.profiles, "on which boards, in this order (default: all four)")
        ->type_name("PROFILE");
    app.add_flag("--unit", options.unit, "the unit tests judge, not the acceptance scripts");
    app.add_option("--results", options.results, "where each result is kept")
        ->type_name("FILE")
        ->capture_default_str();
    app.add_flag("--fresh", options.fresh, "tries anew what was tried on the same firmware and scripts");
    app.add_option("--least", options.least_percent, "exit code 1 when fewer are caught")
        ->type_name("PERCENT")
        ->capture_default_str();
    app.add_option("--jobs", options.jobs, "mutants at a time (default: as many as processors)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    app.add_flag("--list", options.list, "shows the mutants");
    app.footer("Example: run_mutants --sample 40 --only core/relay_rules");
    return rig::defects::run_campaign(app, argc, argv, [&] { return run(options); });
}
