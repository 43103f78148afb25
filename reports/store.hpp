// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/records.hpp"
#include "reports/signal_block.hpp"

namespace rig::reports {

/// The store cannot be used. The message says what happened, to which file and
/// what to do.
class StoreError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Another program keeps it locked: later it may go.
class StoreBusy : public StoreError {
public:
    using StoreError::StoreError;
};

/// One SQLite file per station. What add_check was given is committed when it
/// returns, so a killed run keeps all that happened; what a test did is on the
/// disk when end_test returns, so a power cut costs the running test at most.
/// Rows are found by their keys alone: equal records make equal tables, in
/// whatever order they came. No store may be used on both sides of a fork.
class Store {
public:
    /// write: a run. read: a report, which changes nothing and needs no right
    /// to; a store of an older rig is first brought up to date, as in writing.
    enum class Access { write, read };

    /// Opens or creates; throws StoreError with one clear message when the file
    /// is busy, full, read-only, from a newer version or no store at all.
    /// To write, missing folders are created and an older rig's tables brought
    /// up to date. `patience`: how long every call waits for another program
    /// that is writing.
    explicit Store(const std::filesystem::path& file,
                   std::chrono::milliseconds patience = std::chrono::seconds{5},
                   Access access = Access::write);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// From now on, instead of what the store was opened with.
    void set_patience(std::chrono::milliseconds patience);

    int begin_run(const RunRecord& run);  ///< the run's number in this store
    /// Instruments of several benches of a run may come one after the other; a name counts once.
    void add_instruments(int run, const std::vector<InstrumentRecord>& instruments);
    void end_run(int run, const std::string& ended_utc, RunEnd ending = RunEnd::complete);

    void begin_test(int run, const TestKey& test, const std::vector<std::string>& tags, std::int64_t began_ns,
                    int line = 0);
    void add_check(int run, const TestKey& test, const CheckRecord& check);
    void add_event(int run, const TestKey& test, int number, const EventRecord& event);
    /// What a bench of this run records; the same layout may come again.
    void add_layout(int run, const SignalLayout& layout);
    void add_block(int run, const TestKey& test, int number, std::int64_t layout, const SignalBlock& block);
    void end_test(int run, const TestKey& test, Verdict verdict, const std::string& message,
                  std::int64_t ended_ns);

    RunRecord run(int run) const;
    std::vector<int> runs() const;  ///< numbers, oldest first
    int latest_run() const;         ///< throws StoreError when there is none
    /// The run that a person means: its number, or the beginning of its UUID.
    /// Throws StoreError when that is none or several.
    int find_run(const std::string& named) const;

    /// All tests of a run with their checks and events, ordered by file, name, board under
    /// test and attempt; tags and requirement IDs in alphabetical order. A test
    /// that never ended is an error: "the run ended in this test".
    std::vector<TestRecord> tests(int run) const;

    /// What was recorded in a test: in its layout's order, each signal that ever changed.
    std::vector<RecordedSignal> recording(int run, const TestKey& test) const;

    /// Of every test that ever ran on this profile's boards, the last time that it did; skipping it
    /// was no running. In the order of tests().
    std::vector<LatestTest> latest_tests(const std::string& profile) const;

private:
    struct Database;
    std::unique_ptr<Database> database_;
};

}  // namespace rig::reports
