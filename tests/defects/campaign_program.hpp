// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "tests/defects/child_process.hpp"

namespace rig::defects {

/// The end of a campaign's main(): reads the command line, lets SIGINT and SIGTERM stop it in good
/// order, and makes what goes wrong one message and exit code 2.
template <typename Run>
int run_campaign(CLI::App& app, int argc, char** argv, Run run) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, [](int) { stopped = true; });
    try {
        return run();
    } catch (const std::exception& error) {
        std::cerr << app.get_name() << ": " << error.what() << '\n';
        return 2;
    }
}

}  // namespace rig::defects
