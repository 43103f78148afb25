// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reports/store.hpp"
#include "rig/lua/recorder.hpp"
#include "rig/messages.hpp"

namespace rig {

/// The runner's end of one running test at a time: what the test says on its
/// line goes into the store, check by check.
class TestSlot {
public:
    explicit TestSlot(Line line) : line_(std::move(line)) {}

    const Line& line() const { return line_; }
    bool busy() const { return busy_; }

    /// A test with this key and these tags will speak from now on; `line` is
    /// where its script declares it.
    void take(reports::TestRecord record, int line);

    /// Stores what has come; answers each check.
    void hear(reports::Store& store, int run);

    /// The test's process is gone, with this wait status (-1: unknown): the
    /// whole record, not yet ended in the store. The slot is free again.
    reports::TestRecord finish(reports::Store& store, int run, int status);

    const std::string& printed() const { return printed_; }

private:
    void begin(reports::Store& store, int run, std::int64_t at_ns);

    Line line_;
    bool busy_ = false, begun_ = false;
    int declared_at_ = 0;
    std::optional<Ending> ending_;
    reports::TestRecord record_;
    std::string printed_;
};

/// What became of a process, for messages.
std::string fate_of(int wait_status);

}  // namespace rig
