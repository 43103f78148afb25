// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a results store holds, as the rows of its tables say it.
namespace rig::reports {

/// failure: the board under test is out of limits. error: the rig, an
/// instrument or the script is at fault.
enum class Verdict { passed, failed, error, skipped };

const char* text_of(Verdict verdict);  ///< "passed", ...

/// How a run came to its end, or why it has none.
enum class RunEnd {
    complete,
    stopped,    ///< by the operator
    cut_short,  ///< as --fail-fast asks
    running,    ///< its process is there
    killed,     ///< its process is gone, and did not say why
};

const char* text_of(RunEnd ending);  ///< "complete", ..., "cut short"

/// A board or pack under test, and which specimen it was.
struct DutRecord {
    std::string dut;     ///< "pack", as the fixture calls it
    std::string serial;  ///< "" where nobody said
};

/// A file that decides what a run does: with these bytes, these results.
struct FileRecord {
    std::string kind;  ///< "firmware", "fixture", "limits", "dialect", "script", "library"
    std::string name;  ///< "gen3-hw2/first.elf", "acceptance/thresholds.lua"
    std::string sha256;
};

struct InstrumentRecord {
    std::string name;      ///< "cell supply 1"
    std::string link;      ///< "memory:cell supply 1"
    std::string identity;  ///< what it answered when asked who it is
};

struct RunRecord {
    std::string station;
    std::string uuid;
    std::string started_utc;  ///< ISO 8601; wall-clock time lives in this table alone
    std::string rig_version;
    std::string fixture;  ///< the fixture file's name
    std::string profile;
    std::uint64_t seed = 0;
    std::string operated_by{};  ///< "" where nobody said
    std::string process{};      ///< this_process() of who runs it
    int planned = 0;            ///< tests that were to run
    std::vector<DutRecord> duts{};
    std::vector<FileRecord> files{};

    // What is only known later.
    std::vector<InstrumentRecord> instruments{};
    std::string ended_utc{};  ///< "" while it has not ended
    RunEnd ending = RunEnd::killed;
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

/// How far a measurement lies inside its nearer limit, in its unit; negative
/// outside. Nullopt for a claim, without limits and for what is not a number.
std::optional<double> margin_of(const CheckRecord& check);

/// Something that happened in a test and is no check.
struct EventRecord {
    std::int64_t bench_ns = 0;
    std::string kind;  ///< "print": the script said it; "condemned": the bench found it
    std::string text;
};

struct TestRecord {
    TestKey key;
    Verdict verdict = Verdict::passed;
    std::string message;  ///< why it failed, was in error or was skipped
    std::vector<std::string> tags;
    int line = 0;                             ///< where its script declares it; 0: unknown
    bool ended = true;                        ///< false: its run is in it, or ended in it
    std::int64_t began_ns = 0, ended_ns = 0;  ///< bench time
    std::vector<CheckRecord> checks;
    std::vector<EventRecord> events;
};

/// A test, and the run that ran it last.
struct LatestTest {
    int run = 0;
    TestRecord record;
};

}  // namespace rig::reports
