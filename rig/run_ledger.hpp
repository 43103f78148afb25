// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reports/store.hpp"

namespace rig {

/// What a run has to say to its store, in the order in which it happens. For a store that another
/// program keeps locked it waits; what a store does not take it holds back, with all that comes
/// after: the run is to end then, and settle() tries once more.
class RunLedger {
public:
    using Entry = std::function<void(reports::Store&)>;

    /// Asked each time that the patience of a locked store ends: how long that has lasted, and what the
    /// store says. False ends the waiting.
    using WaitOn = std::function<bool(std::chrono::milliseconds lasted, const std::string& complaint)>;

    RunLedger(reports::Store& store, int run, WaitOn wait_on);

    void add_instruments(const std::vector<reports::InstrumentRecord>& instruments);
    void add_layout(const reports::SignalLayout& layout);
    void begin_test(const reports::TestRecord& test, std::int64_t began_ns);
    void add_check(const reports::TestKey& test, const reports::CheckRecord& check);
    void add_event(const reports::TestKey& test, int number, const reports::EventRecord& event);
    void add_block(const reports::TestKey& test, int number, std::int64_t layout,
                   const reports::SignalBlock& block);
    void end_test(const reports::TestRecord& test);

    /// Why the store takes nothing any more; empty while it does.
    const std::string& failure() const { return failure_; }

    /// Once no test runs any more: what was held back goes into the store, if that takes it now.
    void settle();

    int checks_held() const;
    bool settled() const { return held_.empty(); }

private:
    struct Held {
        Entry write;
        bool is_check = false;
    };

    void write(Entry entry);
    bool written(const Entry& entry);

    reports::Store& store_;
    int run_;
    WaitOn wait_on_;
    std::string failure_;
    std::vector<Held> held_;
};

}  // namespace rig
