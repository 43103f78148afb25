// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/doctor.hpp"

#include <fmt/format.h>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "rig/doctor/doctor.hpp"
#include "rig/guard_record.hpp"
#include "rig/open_bench.hpp"
#include "rig/stop.hpp"

namespace rig {

namespace {

/// While it lives, whoever wants the program to end gets everything switched off first.
class StopsSafely {
public:
    StopsSafely() {
        struct sigaction action {};
        action.sa_handler = [](int) { ask_to_stop(); };
        for (std::size_t i = 0; i < std::size(signals); ++i)
            ::sigaction(signals[i], &action, &before_[i]);
    }
    ~StopsSafely() {
        for (std::size_t i = 0; i < std::size(signals); ++i)
            ::sigaction(signals[i], &before_[i], nullptr);
    }
    StopsSafely(const StopsSafely&) = delete;
    StopsSafely& operator=(const StopsSafely&) = delete;

private:
    static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before_[std::size(signals)]{};
};

}  // namespace

int doctor_command(const DoctorOptions& options) {
    const ProjectFolder project = ProjectFolder::find();
    project.require_fixture_file(options.fixture, "rig doctor ");
    const Fixture fixture = load_fixture(options.fixture);
    std::cout << fixture.name << std::endl;
    const StopsSafely stops_safely;
    NotOpened not_opened;
    const GuardSetup guard;
    const GuardRecord record(guard.folder, fixture.file);
    if (const std::string left = record.left_behind(); !left.empty()) std::cerr << "rig: " << left;
    const auto bench = open_bench(fixture, project, options.seed, &not_opened, guard);
    // Each instrument that opens is verified off.
    if (not_opened.empty()) record.take();
    const auto tell = [](const std::string& step) { std::cerr << "looking at " << step << std::endl; };
    doctor::Sheet sheet;
    const auto show = [&] {
        std::cout << '\n';
        sheet.print(std::cout);
        std::cout << std::flush;
    };
    try {
        doctor::examine(*bench, fixture, not_opened, tell, sheet);
    } catch (...) {
        show();
        throw;
    }
    show();
    return sheet.count(doctor::Finding::fault) > 0 ? 1 : 0;
}

}  // namespace rig
