// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <optional>
#include <string>
#include <vector>

namespace rig {

/// What `rig serve` waits for: SIGINT, SIGTERM or SIGHUP, and, where there is one, the end of the program
/// that it has started. That program is told to end first, and served until it has: it switches off by what
/// is served. A second signal does not wait. To be told, the context must run.
class Companion {
public:
    explicit Companion(asio::io_context& context);

    /// Throws UsageError when it cannot be started.
    void start(const std::vector<std::string>& command);

    bool ended() const { return ended_; }
    /// The program's exit code; 2 when a signal ended it; 0 without one.
    int exit_code() const { return exit_code_; }

private:
    void wait();
    void heard(int signal);
    void look_after_program();

    asio::signal_set signals_;
    std::optional<pid_t> program_;
    std::string name_;
    bool told_ = false, ended_ = false;
    int exit_code_ = 0;
};

}  // namespace rig
