// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace rig::reports {

/// failure: the board under test is out of limits. error: the rig, an
/// instrument or the script is at fault.
enum class Verdict { passed, failed, error, skipped };

const char* text_of(Verdict verdict);  ///< "passed", ...

struct RunRecord {
    std::string station;
    std::string uuid;
    std::string started_utc;  ///< ISO 8601; wall-clock time lives in this table alone
    std::string rig_version;
    std::string fixture;  ///< the fixture file's name
    std::string profile;
    std::uint64_t seed = 0;
};

/// Identifies a test within a run, in every table and report.
struct TestKey {
    std::string dut;   ///< board or pack under test, "pack"
    std::string file;  ///< script, relative: "acceptance/thresholds.lua"
    std::string name;
    int attempt = 1;
};

struct CheckRecord {
    int number = 0;  ///< 1, 2, ... within the attempt
    std::string name;
    Verdict verdict = Verdict::passed;  ///< passed or failed
    std::optional<double> value;        ///< absent: a claim that held or did not
    std::optional<double> low, high;    ///< limits, inclusive; absent: open
    std::string unit;                   ///< "V", "A", "s", "" for none
    std::vector<std::string> proves;    ///< requirement IDs, each once
    std::string script_line;            ///< "acceptance/thresholds.lua:14"
    std::int64_t bench_ns = 0;          ///< since the bench opened
    std::string detail;                 ///< what was expected, for a claim; empty else
};

struct TestRecord {
    TestKey key;
    Verdict verdict = Verdict::passed;
    std::string message;  ///< why it failed, was in error or was skipped
    std::vector<std::string> tags;
    std::int64_t began_ns = 0, ended_ns = 0;  ///< bench time
    std::vector<CheckRecord> checks;
};

/// A test, and the run that ran it last.
struct LatestTest {
    int run = 0;
    TestRecord record;
};

/// The store cannot be used. The message says what happened, to which file and
/// what to do.
class StoreError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One SQLite file per station. What add_check was given is committed when it
/// returns, so a killed run keeps all that happened; what a test did is on the
/// disk when end_test returns, so a power cut costs the running test at most.
/// Rows are found by their keys alone: equal records make equal tables, in
/// whatever order they came. No store may be used on both sides of a fork.
class Store {
public:
    /// Opens or creates; throws StoreError with one clear message when the file
    /// is busy, full, read-only, from a newer version or no store at all.
    /// Missing folders are created. `patience`: how long every call waits for
    /// another program that is writing.
    explicit Store(const std::filesystem::path& file,
                   std::chrono::milliseconds patience = std::chrono::seconds{5});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    int begin_run(const RunRecord& run);  ///< the run's number in this store
    void end_run(int run, const std::string& ended_utc);

    void begin_test(int run, const TestKey& test, const std::vector<std::string>& tags,
                    std::int64_t began_ns);
    void add_check(int run, const TestKey& test, const CheckRecord& check);
    void end_test(int run, const TestKey& test, Verdict verdict, const std::string& message,
                  std::int64_t ended_ns);

    RunRecord run(int run) const;
    int latest_run() const;  ///< throws StoreError when there is none

    /// All tests of a run with their checks, ordered by file, name, board under
    /// test and attempt; tags and requirement IDs in alphabetical order. A test
    /// that never ended is an error: "the run ended in this test".
    std::vector<TestRecord> tests(int run) const;

    /// Of every test that ever ran on this profile's boards, the last time that it did; skipping it
    /// was no running. In the order of tests().
    std::vector<LatestTest> latest_tests(const std::string& profile) const;

private:
    struct Database;
    std::unique_ptr<Database> database_;
};

}  // namespace rig::reports
