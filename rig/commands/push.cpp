// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/commands/push.hpp"

#include <fmt/format.h>

#include <iostream>

#include "reports/push.hpp"

namespace rig {

namespace {

std::string count(long number, const std::string& noun) {
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace

int push_command(const PushOptions& options) {
    const auto pushed = reports::push(options.store, options.server, [](int run, int tests) {
        std::cout << fmt::format("run {}: {}\n", run, count(tests, "test")) << std::flush;
    });
    std::cout << fmt::format("sent {}, {} and {} to {}", count(pushed.runs, "run"),
                             count(pushed.tests, "test"), count(pushed.checks, "check"), pushed.server);
    if (pushed.runs_before > 0)
        std::cout << fmt::format("; {} there before", count(pushed.runs_before, "run"));
    std::cout << '\n';
    if (pushed.runs_open > 0)
        std::cout << fmt::format("{} going on or killed: looked at again by the next push\n",
                                 count(pushed.runs_open, "run"));
    return 0;
}

}  // namespace rig
