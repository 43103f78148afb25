// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <regex>

#include "fixtures/profile.hpp"
#include "tests/defects/campaign.hpp"
#include "tests/defects/campaign_program.hpp"
#include "tests/defects/child_process.hpp"
#include "tests/defects/finding.hpp"

namespace {

namespace fs = std::filesystem;
using namespace rig::defects;

struct Options {
    std::string list = PROJECT_FOLDER "/tests/defects";
    std::vector<std::string> profiles{"gen3-hw2"};
    std::string only, csv = "results/defects.csv";
    bool names = false;
    CampaignOptions campaign;
};

std::string refuse_no_profile(const std::string& name) {
    return name == "all" || rig::is_profile_or_generation(name) ? "" : "\"" + name + "\" is no profile";
}

std::vector<std::string> profiles_meant(const std::vector<std::string>& named) {
    std::vector<std::string> meant;
    for (const std::string_view profile : rig::profiles)
        if (std::find(named.begin(), named.end(), "all") != named.end() || rig::names_profile(named, profile))
            meant.emplace_back(profile);
    return meant;
}

std::vector<DefectList> chosen(std::vector<DefectList> lists, const std::string& only) {
    const std::regex wanted(only);
    std::size_t left = 0;
    for (DefectList& list : lists) {
        const auto unwanted = [&](const Defect& defect) { return !std::regex_search(defect.name, wanted); };
        list.defects.erase(std::remove_if(list.defects.begin(), list.defects.end(), unwanted),
                           list.defects.end());
        left += list.defects.size();
    }
    if (left == 0) throw DefectError(fmt::format("no defect's name matches \"{}\"", only));
    return lists;
}

void show(const std::vector<Trial>& trials) {
    for (const Trial& trial : trials)
        std::cout << fmt::format("{}  {}  ({})\n", trial.profile, trial.defect.name,
                                 fmt::join(trial.breaks, " "));
}

int run(const Options& options) {
    const fs::path project = PROJECT_FOLDER;
    std::vector<Trial> trials =
        trials_of(chosen(read_defect_lists(options.list), options.only),
                  rig::load_requirements(project / "scripts"), profiles_meant(options.profiles));
    // After a change to another file both are built anew, after one to the same file it alone.
    std::stable_sort(trials.begin(), trials.end(),
                     [](const Trial& a, const Trial& b) { return a.defect.file < b.defect.file; });
    if (options.names) {
        show(trials);
        return 0;
    }
    if (trials.empty()) throw DefectError("these defects break nothing that applies to these profiles");
    Campaign campaign(trials, {project, RIG_PROGRAM, 1, 1}, options.campaign);
    campaign.require_sound_firmware_to_pass();
    const std::vector<Finding> findings = campaign.run();
    const int code = print_summary(std::cout, findings);
    if (const fs::path folder = fs::path(options.csv).parent_path(); !folder.empty())
        fs::create_directories(folder);
    std::ofstream csv(options.csv);
    write_csv(csv, findings);
    csv.close();
    if (!csv) throw DefectError("cannot write " + options.csv);
    std::cout << "results " << options.campaign.results << "\ncsv " << options.csv << '\n';
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Breaks the boards on purpose, one defect at a time, and tells which checks notice.",
                 "run_defects");
    Options options;
    CampaignOptions& campaign = options.campaign;
    app.add_option("--list-file", options.list, "a list of defects, or a folder of lists")->type_name("FILE");
    app.add_option("--profile", options.profiles, "on which boards: a profile, gen2, gen3, all")
        ->type_name("PROFILE")
        ->check(refuse_no_profile)
        ->capture_default_str();
    app.add_option("--only", options.only, "only defects whose name matches")->type_name("REGEX");
    app.add_option("--filter", campaign.filter, "only tests whose name matches; nothing is kept")
        ->type_name("REGEX");
    app.add_flag("--own", campaign.own,
                 "only tests that prove what a defect breaks: faster, but others may catch too");
    app.add_flag("--cover", campaign.cover,
                 "as --own, and only until each requirement was seen to turn red on each profile");
    app.add_flag("--fresh", campaign.fresh, "tries anew what has been tried and has not changed since");
    app.add_option("--results", campaign.results, "where each result is kept")
        ->type_name("FILE")
        ->capture_default_str();
    app.add_option("--csv", options.csv, "where the table goes")->type_name("FILE")->capture_default_str();
    app.add_option("--seed", campaign.seed, "of noise and tolerances")->type_name("N")->capture_default_str();
    app.add_option("--jobs", campaign.jobs, "defects at a time (default: as many as processors)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    app.add_flag("--list", options.names, "shows the defects and what they break");
    app.footer("Example: run_defects --own --profile gen2 --only '^V-max'");
    return run_campaign(app, argc, argv, [&] { return run(options); });
}
