// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rig/lua/recorder.hpp"
#include "rig/messages.hpp"
#include "rig/run_ledger.hpp"

namespace rig {

/// The runner's end of one running test at a time: what the test says on its
/// line goes into the store, check by check.
class TestSlot {
public:
    explicit TestSlot(Line line) : line_(std::move(line)) {}

    const Line& line() const { return line_; }
    bool busy() const { return busy_; }

    /// The test of this record will speak from now on, and record signals of this layout.
    void take(reports::TestRecord record, std::int64_t layout);

    /// Stores what has come; answers each check.
    void hear(RunLedger& ledger);

    /// The test's process is gone, with this wait status (-1: unknown): the
    /// whole record, not yet ended in the store. The slot is free again.
    reports::TestRecord finish(RunLedger& ledger, int status);

    const std::string& printed() const { return printed_; }

    /// As the test left its bench: what is open, empty where nothing is.
    const std::string& open_interlock() const { return open_interlock_; }

private:
    void begin(RunLedger& ledger, std::int64_t at_ns);
    void note(RunLedger& ledger, reports::EventRecord event);

    Line line_;
    bool busy_ = false, begun_ = false;
    std::optional<Ending> ending_;
    reports::TestRecord record_;
    std::string printed_, open_interlock_;
    std::int64_t layout_ = 0;
    int blocks_ = 0;
    std::size_t noted_ = 0;  ///< bytes of events
};

/// What became of a process, for messages.
std::string fate_of(int wait_status);

}  // namespace rig
