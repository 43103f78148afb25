// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

namespace rig::reports {

/// The server cannot be reached, refuses or is lost on the way. The message says
/// what happened, where and what to do; what was sent before stays sent.
class PushError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What one push did.
struct Pushed {
    int runs_before = 0;      ///< were whole on the server already
    int runs = 0, tests = 0;  ///< sent, in part or whole
    long checks = 0;          ///< among what was sent
    int runs_open = 0;        ///< not whole yet: going on, or killed
    std::string server;       ///< how messages call it: never with a password
};

/// Told of each run when all that there is of it has been sent.
using RunPushed = std::function<void(int run, int tests)>;

/// Sends what a store holds and the PostgreSQL server does not, oldest first, in
/// transactions of about `batch_bytes`. Rows are found by their keys, so that
/// whatever ends a push, the next one goes on where it ended and no row is there
/// twice. Of a run that is going on the tests that have ended are sent. Creates
/// the tables, and brings an older rig's up to date. `server_url` as libpq reads
/// it: postgresql://…, or "host=… dbname=…".
Pushed push(const std::filesystem::path& store, const std::string& server_url, const RunPushed& told = {},
            std::size_t batch_bytes = std::size_t{1} << 20);

}  // namespace rig::reports
