// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include "fixtures/profile.hpp"
#include "rig/commands/doctor.hpp"
#include "rig/commands/list.hpp"
#include "rig/commands/push.hpp"
#include "rig/commands/report.hpp"
#include "rig/commands/run.hpp"
#include "rig/commands/serve.hpp"
#include "rig/commands/trace.hpp"
#include "rig/standard_output.hpp"
#include "rig/version.hpp"

namespace {

constexpr int at_fault = 2;  ///< the rig, the bench or the command line

/// An empty name comes from a shell variable that was never set; it must not mean the default.
std::string refuse_no_name(const std::string& file) {
    return file.empty() ? "names no file" : "";
}

std::string refuse_no_profile(const std::string& name) {
    for (const std::string_view profile : rig::profiles)
        if (name == profile) return "";
    std::string allowed;
    for (const std::string_view profile : rig::profiles)
        allowed += (allowed.empty() ? "" : ", ") + std::string(profile);
    return "\"" + name + "\" is no profile\n  allowed  " + allowed;
}

/// CLI11 takes -1 for the largest number there is.
std::string refuse_no_seed(const std::string& text) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? "" : "\"" + text + "\" is no whole number from 0 to 18446744073709551615";
}

std::string failure_message(const CLI::App* app, const CLI::Error& error) {
    std::string command = "rig";
    for (const CLI::App* given : app->get_subcommands())
        command += " " + given->get_name();
    return std::string("rig: ") + error.what() + "\n  try     " + command + " --help\n";
}

void add_script_options(CLI::App& command, rig::ScriptOptions& options) {
    auto* fixture = command
                        .add_option("--fixture", options.fixture,
                                    "what holds the boards (default: fixtures/<PROFILE>-4s.toml)")
                        ->type_name("FILE")
                        ->check(refuse_no_name);
    command
        .add_option("--profile", options.profile,
                    "which boards, on the project's own fixture for them (default: gen3-hw2)")
        ->type_name("PROFILE")
        ->check(refuse_no_profile)
        ->excludes(fixture);
    command.add_option("--cells", options.cells, "a pack of so many cells (default: the fixture's)")
        ->type_name("N")
        ->check(CLI::Range(2, 255));
    command.add_option("--filter", options.selection.filter, "only tests whose name matches")
        ->type_name("REGEX");
    command.add_option("--tag", options.selection.tags, "only tests with this tag; 'long' ones run only so")
        ->type_name("T")
        ->allow_extra_args(false);
    command.add_option("--proves", options.selection.proves, "only tests that prove this requirement")
        ->type_name("ID")
        ->allow_extra_args(false);
    command.add_flag("--trust-scripts", options.trusts_scripts,
                     "scripts may use all of Lua: any file, other programs, native modules, all memory");
    command
        .add_option("scripts", options.scripts, "scripts or folders of scripts (default: scripts/acceptance)")
        ->type_name("SCRIPTS");
}

void add_trace_options(CLI::App& command, rig::TraceOptions& options) {
    command.add_option("--profile", options.profiles, "only for these boards (default: all)")
        ->type_name("PROFILE")
        ->check(refuse_no_profile)
        ->allow_extra_args(false);
    command.add_option("--id", options.ids, "only this requirement, with all its checks and defects")
        ->type_name("ID")
        ->allow_extra_args(false);
    command.add_option("--format", options.format, "text, csv or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "csv", "json"}))
        ->capture_default_str();
    command.add_option("--store", options.store, "the results store")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    command.add_option("--defects", options.defects, "what run_defects kept")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    command.footer("Example: rig trace --id RLY-01 --profile gen3-hw2");
}

void add_report_options(CLI::App& command, rig::ReportOptions& options) {
    command.add_option("run", options.run, "its number, or the beginning of its UUID (default: the latest)")
        ->type_name("RUN")
        ->check(refuse_no_name);
    command.add_option("--format", options.format, "what to make of it")
        ->type_name("FORMAT")
        ->check(CLI::IsMember(rig::report_formats()))
        ->capture_default_str();
    command.add_option("--output", options.output, "where it goes (default: standard output)")
        ->type_name("FILE")
        ->check(refuse_no_name);
    command.add_option("--store", options.store, "the results store")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    command.add_option("--compare", options.compare, "shows two runs side by side")
        ->type_name("RUN RUN")
        ->expected(2)
        ->excludes("run")
        ->excludes("--format");
    command.add_flag("--list", options.list, "shows the runs that the store holds")
        ->excludes("run")
        ->excludes("--format")
        ->excludes("--output")
        ->excludes("--compare");
    command.footer("Example: rig report 12 --format junit-rich --output report.xml");
}

void add_push_options(CLI::App& command, rig::PushOptions& options) {
    command
        .add_option("server", options.server,
                    "its address; a password is better kept in PGPASSWORD or ~/.pgpass")
        ->type_name("URL")
        ->required()
        ->check([](const std::string& url) { return std::string(url.empty() ? "names no server" : ""); });
    command.add_option("--store", options.store, "the results store")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    command.footer("Example: rig push postgresql://station7@results.plant/rig");
}

void add_serve_options(CLI::App& command, rig::ServeOptions& options) {
    command.add_option("fixture", options.fixture, "a virtual bench's")
        ->type_name("FIXTURE")
        ->required()
        ->check(refuse_no_name);
    command.add_option("--cells", options.cells, "a pack of so many cells (default: the fixture's)")
        ->type_name("N")
        ->check(CLI::Range(2, 255));
    command.add_option("--seed", options.seed, "of noise and tolerances")
        ->type_name("N")
        ->check(refuse_no_seed)
        ->capture_default_str();
    command.add_option("--speed", options.speed, "bench seconds to a second, for whoever uses its fixture")
        ->type_name("K")
        ->check(CLI::Range(0.01, 1000.0))
        ->capture_default_str();
    command.add_option("--output", options.output, "where the fixture goes that leads here")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    command.add_option("command", options.command, "a program to run meanwhile, behind --")
        ->type_name("COMMAND");
    command.footer("Example: rig serve fixtures/gen3-hw2-4s.toml --speed 5");
}

}  // namespace

int main(int argc, char** argv) {
    rig::prepare_standard_output();
    CLI::App app("Tests battery-management boards.", "rig");
    app.failure_message(failure_message);
    app.set_version_flag("--version", std::string("rig ") + rig::version);

    rig::RunOptions run_options;
    CLI::App* run = app.add_subcommand("run", "runs scripts and reports");
    add_script_options(*run, run_options.scripts);
    run->add_option("--junit", run_options.junit, "where the JUnit report goes")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    run->add_option("--html", run_options.html, "where the HTML report goes")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    run->add_option("--store", run_options.store, "the results store")
        ->type_name("FILE")
        ->check(refuse_no_name)
        ->capture_default_str();
    run->add_option("--seed", run_options.seed, "of noise and tolerances")
        ->type_name("N")
        ->check(refuse_no_seed)
        ->capture_default_str();
    run->add_option("--operator", run_options.operated_by, "who runs it, for the reports")
        ->type_name("NAME")
        ->check(refuse_no_name);
    run->add_option("--serial", run_options.serials,
                    "of the board or pack under test, for the reports; DUT=SN where there are several")
        ->type_name("SN")
        ->check(refuse_no_name)
        ->allow_extra_args(false);
    run->add_option("--jobs", run_options.jobs, "tests at a time (default: as many as processors)")
        ->type_name("N")
        ->check(CLI::Range(1, 256));
    run->add_flag("!--no-recording", run_options.records, "keeps no signals, only checks");
    run->add_flag("-x,--fail-fast", run_options.fail_fast,
                  "begins no test once one has not passed; those that run still end");
    run->footer("Example: rig run --proves RLY-01 --seed 7");

    rig::ScriptOptions list_options;
    CLI::App* list = app.add_subcommand("list", "shows tests, their tags and what they prove");
    add_script_options(*list, list_options);
    list->footer("Example: rig list --tag long");

    rig::DoctorOptions doctor_options;
    CLI::App* doctor = app.add_subcommand("doctor", "looks whether a bench is as its fixture file says");
    doctor->add_option("fixture", doctor_options.fixture, "what holds the boards")
        ->type_name("FIXTURE")
        ->required()
        ->check(refuse_no_name);
    doctor->add_option("--seed", doctor_options.seed, "of a virtual bench's noise and tolerances")
        ->type_name("N")
        ->check(refuse_no_seed)
        ->capture_default_str();
    doctor->footer("Example: rig doctor fixtures/gen3-hw2-4s.toml");

    rig::ReportOptions report_options;
    CLI::App* report = app.add_subcommand("report", "shows any run of the store again, in any form");
    add_report_options(*report, report_options);

    rig::PushOptions push_options;
    CLI::App* push = app.add_subcommand("push", "sends what is new in the store to a PostgreSQL server");
    add_push_options(*push, push_options);

    rig::TraceOptions trace_options;
    CLI::App* trace = app.add_subcommand("trace", "shows how far each requirement is proved");
    add_trace_options(*trace, trace_options);

    rig::ServeOptions serve_options;
    CLI::App* serve =
        app.add_subcommand("serve", "a virtual bench in real time, on ports for other programs");
    add_serve_options(*serve, serve_options);

    app.footer("Examples:\n  rig run\n  rig list --proves RLY-01\n  rig trace --id RLY-01");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : at_fault;
    }
    if (app.get_subcommands().empty()) {
        std::cerr << "rig: no command\n  try     rig run, rig list, rig doctor, rig report, rig push, rig "
                     "trace, rig serve or rig --help\n";
        return at_fault;
    }
    try {
        const int code = run->parsed()      ? rig::run_command(run_options)
                         : doctor->parsed() ? rig::doctor_command(doctor_options)
                         : report->parsed() ? rig::report_command(report_options)
                         : push->parsed()   ? rig::push_command(push_options)
                         : serve->parsed()  ? rig::serve_command(serve_options)
                         : trace->parsed()  ? rig::trace_command(trace_options)
                                            : rig::list_command(list_options);
        rig::finish_standard_output();
        return code;
    } catch (const std::exception& error) {
        std::cerr << "rig: " << error.what() << '\n';
        return at_fault;
    }
}
