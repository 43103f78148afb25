// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "rig/commands/list.hpp"
#include "rig/commands/run.hpp"
#include "rig/version.hpp"

namespace {

constexpr int at_fault = 2;  ///< the rig, the bench or the command line

void add_script_options(CLI::App& command, rig::ScriptOptions& options) {
    command
        .add_option("--fixture", options.fixture,
                    "what holds the boards (default: fixtures/gen3-hw2-4s.toml)")
        ->type_name("FILE");
    command.add_option("--filter", options.selection.filter, "only tests whose name matches")
        ->type_name("REGEX");
    command.add_option("--tag", options.selection.tags, "only tests with this tag; 'long' ones run only so")
        ->type_name("T")
        ->allow_extra_args(false);
    command.add_option("--proves", options.selection.proves, "only tests that prove this requirement")
        ->type_name("ID")
        ->allow_extra_args(false);
    command
        .add_option("scripts", options.scripts, "scripts or folders of scripts (default: scripts/acceptance)")
        ->type_name("SCRIPTS");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Tests battery-management boards.", "rig");
    app.set_version_flag("--version", std::string("rig ") + rig::version);

    rig::RunOptions run_options;
    CLI::App* run = app.add_subcommand("run", "runs scripts and reports");
    add_script_options(*run, run_options.scripts);
    run->add_option("--junit", run_options.junit, "where the JUnit report goes")
        ->type_name("FILE")
        ->capture_default_str();
    run->add_option("--store", run_options.store, "the results store")
        ->type_name("FILE")
        ->capture_default_str();
    run->add_option("--seed", run_options.seed, "of noise and tolerances")
        ->type_name("N")
        ->capture_default_str();
    run->add_option("--jobs", run_options.jobs, "tests at a time (default: as many as processors)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    run->footer("Example: rig run --proves RLY-01 --seed 7");

    rig::ScriptOptions list_options;
    CLI::App* list = app.add_subcommand("list", "shows tests, their tags and what they prove");
    add_script_options(*list, list_options);
    list->footer("Example: rig list --tag long");

    app.footer("Examples:\n  rig run\n  rig list --proves RLY-01");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : at_fault;
    }
    if (app.get_subcommands().empty()) {
        std::cerr << "rig: no command\n  try     rig run, rig list or rig --help\n";
        return at_fault;
    }
    try {
        return run->parsed() ? rig::run_command(run_options) : rig::list_command(list_options);
    } catch (const std::exception& error) {
        std::cerr << "rig: " << error.what() << '\n';
        return at_fault;
    }
}
