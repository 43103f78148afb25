// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/serve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "fixtures/boards/app_client.hpp"
#include "fixtures/boards/app_settings.hpp"
#include "rig/open_virtual_bench.hpp"
#include "rig/serve/companion.hpp"
#include "rig/serve/fixture_text.hpp"
#include "rig/serve/served_bench.hpp"
#include "rig/serve/served_file.hpp"
#include "rig/take_up.hpp"

namespace rig {

namespace {

using std::chrono::seconds;

/// Of bench time: what a client's own limits (half a second for an answer) still stand.
constexpr Nanoseconds most_lag = std::chrono::milliseconds(100);
constexpr int seconds_between_complaints = 10;

double milliseconds(Nanoseconds span) {
    return static_cast<double>(span.count()) / 1e6;
}

Fixture fixture_of(const ServeOptions& options, const ProjectFolder& project) {
    project.require_fixture_file(options.fixture, "");
    Fixture fixture = load_fixture(options.fixture);
    if (fixture.bench != "virtual")
        throw UsageError(
            fmt::format("{}: a real bench cannot be served, only one that is simulated\n  try     a fixture "
                        "with bench = \"virtual\"",
                        options.fixture));
    if (options.cells) fixture.pack.cells = fixture.virtual_bench.cells = *options.cells;
    return fixture;
}

/// What each test finds set in the boards where they are forked: the served ones remember what a test wrote.
std::map<std::string, double> fresh_settings(const Fixture& fixture, const ProjectFolder& project,
                                             std::uint64_t seed) {
    // What is wired wrong on purpose is not in a board's memory.
    Fixture sound = fixture;
    sound.faults = {};
    const auto bench = open_virtual_bench(sound, project, seed);
    if (const std::string fault = take_up(*bench, fixture); !fault.empty())
        throw FixtureError(fmt::format("{}: {}", fixture.file.string(), fault));
    std::map<std::string, double> fresh;
    const AppClient::Settings all = bench->app->settings();
    for (const AppSetting& setting : app_settings) {
        const auto found = all.find(std::string(setting.name));
        if (setting.address != 0 && found != all.end()) fresh.insert(*found);
    }
    return fresh;
}

void print_links(const Fixture& reached) {
    const auto line = [](const std::string& name, const std::optional<LinkAddress>& link) {
        if (link) std::cout << fmt::format("{:<22}{}\n", name, link->text);
    };
    for (std::size_t i = 0; i < reached.cells.links.size(); ++i)
        line(fmt::format("cell supply {}", i + 1), reached.cells.links[i]);
    for (const auto& [number, sensor] : reached.sensors)
        line(fmt::format("injector {}", number), sensor.link);
    if (reached.temperature) {
        for (std::size_t i = 0; i < reached.temperature->links.size(); ++i)
            line(fmt::format("temperature source {}", i + 1), reached.temperature->links[i]);
    }
    for (const auto& [name, board] : reached.io)
        line("io board " + name, board.link);
    const auto is_gpio = [](const auto& item) { return item.second.kind == LineAddress::Kind::gpio; };
    if (const auto count = std::count_if(reached.lines.begin(), reached.lines.end(), is_gpio))
        std::cout << fmt::format("{:<22}{}\n", "GPIO lines", count);
    else
        std::cout << fmt::format("{:<22}none: this kernel makes none (gpio-sim)\n", "GPIO lines");
    line("app link", reached.boards.app);
    line("EXT", reached.boards.ext);
    line("first board's EXT", reached.boards.first_ext);
    line("service input", reached.boards.service_input);
    line("chain ear", reached.boards.chain_ear);
}

/// Says what an operator should know, once or not too often.
class Complaints {
public:
    Complaints(ServedBench& bench, double speed) : bench_(bench), speed_(speed) {}

    void each_second() {
        const auto condemned = bench_.condemnations();
        for (; told_ < condemned.size(); ++told_)
            std::cerr << fmt::format("rig: the bench condemns the firmware: {}\n", condemned[told_]);
        most_ = std::max(most_, bench_.pace().most_lately());
        if (--silent_for_ > 0 || static_cast<double>(most_.count()) * speed_ < most_lag.count()) return;
        std::cerr << fmt::format(
            "rig: behind the wall clock by {:.0f} ms\n  try     a quieter machine, fewer cells, a lower "
            "--speed\n",
            milliseconds(most_));
        most_ = {};
        silent_for_ = seconds_between_complaints;
    }

private:
    ServedBench& bench_;
    double speed_;
    std::size_t told_ = 0;
    Nanoseconds most_{};
    int silent_for_ = 0;
};

}  // namespace

int serve_command(const ServeOptions& options) {
    const ProjectFolder project = ProjectFolder::find();
    const Fixture fixture = fixture_of(options, project);
    ServedFile file(options.output);
    auto settings = fresh_settings(fixture, project, options.seed);

    ServedBench bench(fixture, project, options.seed, options.speed);
    Companion companion(bench.wall().context());
    Fixture reached = bench.reached();
    reached.name += ", served";
    reached.settings.merge(std::move(settings));  // the fixture's own stay

    std::cout << fmt::format("{}, {} cells, seed {}, {:g} bench s a second\n", fixture.name,
                             fixture.pack.cells, options.seed, options.speed);
    print_links(reached);
    file.write("schema = 1\n" + fixture_text(reached));
    std::cout << fmt::format("fixture {}\nready   rig run --fixture {}\n", options.output, options.output)
              << std::flush;
    if (!options.command.empty()) companion.start(options.command);

    Complaints complaints(bench, options.speed);
    bench.pace().run([&] { return companion.ended(); }, [&] { complaints.each_second(); });
    const Lags& lags = bench.pace().lags();
    std::cout << fmt::format(
        "served  {:.0f} s; behind the wall clock: median {:.1f} ms, 99th percentile {:.1f} ms, at most "
        "{:.1f} "
        "ms\n",
        static_cast<double>(bench.wall().now().count()) / 1e9 / options.speed,
        milliseconds(lags.quantile(0.5)), milliseconds(lags.quantile(0.99)), milliseconds(lags.most()));
    return companion.exit_code();
}

}  // namespace rig
