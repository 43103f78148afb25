// SPDX-License-Identifier: GPL-3.0-or-later
#include "rig/run_ledger.hpp"

#include <algorithm>
#include <utility>

namespace rig {

using reports::Store;

RunLedger::RunLedger(Store& store, int run, WaitOn wait_on)
    : store_(store), run_(run), wait_on_(std::move(wait_on)) {
}

void RunLedger::add_instruments(const std::vector<reports::InstrumentRecord>& instruments) {
    write([=, run = run_](Store& store) { store.add_instruments(run, instruments); });
}

void RunLedger::add_layout(const reports::SignalLayout& layout) {
    write([=, run = run_](Store& store) { store.add_layout(run, layout); });
}

void RunLedger::begin_test(const reports::TestRecord& test, std::int64_t began_ns) {
    write([run = run_, key = test.key, tags = test.tags, line = test.line, began_ns](Store& store) {
        store.begin_test(run, key, tags, began_ns, line);
    });
}

void RunLedger::add_check(const reports::TestKey& test, const reports::CheckRecord& check) {
    write([=, run = run_](Store& store) { store.add_check(run, test, check); });
    if (!held_.empty()) held_.back().is_check = true;
}

void RunLedger::add_event(const reports::TestKey& test, int number, const reports::EventRecord& event) {
    write([=, run = run_](Store& store) { store.add_event(run, test, number, event); });
}

void RunLedger::add_block(const reports::TestKey& test, int number, std::int64_t layout,
                          const reports::SignalBlock& block) {
    write([=, run = run_](Store& store) { store.add_block(run, test, number, layout, block); });
}

void RunLedger::end_test(const reports::TestRecord& test) {
    write([run = run_, key = test.key, verdict = test.verdict, message = test.message,
           ended_ns = test.ended_ns](Store& store) { store.end_test(run, key, verdict, message, ended_ns); });
}

void RunLedger::write(Entry entry) {
    if (!failure_.empty() || !written(entry)) held_.push_back({std::move(entry)});
}

bool RunLedger::written(const Entry& entry) {
    using Clock = std::chrono::steady_clock;
    const auto since = Clock::now();
    for (;;) {
        try {
            entry(store_);
            return true;
        } catch (const reports::StoreBusy& busy) {
            const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since);
            if (wait_on_(lasted, busy.what())) continue;
            failure_ = busy.what();
        } catch (const reports::StoreError& refusal) {
            failure_ = refusal.what();
        }
        return false;
    }
}

void RunLedger::settle() {
    for (std::size_t i = 0; i < held_.size(); ++i) {
        try {
            held_[i].write(store_);
        } catch (const reports::StoreError&) {
            held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(i));
            return;
        }
    }
    held_.clear();
}

int RunLedger::checks_held() const {
    return static_cast<int>(
        std::count_if(held_.begin(), held_.end(), [](const Held& held) { return held.is_check; }));
}

}  // namespace rig
