// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The tables of a results store. Wall-clock time is in `runs` alone: equal
/// seeds make every other table equal.
namespace rig::reports::schema {

/// In the file's header: what tells a store from another program's database ("RIGS").
constexpr int application_id = 0x52494753;

/// Raised when a table changes. A rig refuses a store newer than itself.
constexpr int version = 1;

constexpr const char* tables = R"sql(
CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    station TEXT NOT NULL,
    uuid TEXT NOT NULL UNIQUE,
    started_utc TEXT NOT NULL,
    ended_utc TEXT,             -- NULL: still going on, or it was killed
    rig_version TEXT NOT NULL,
    fixture TEXT NOT NULL,
    profile TEXT NOT NULL,
    seed TEXT NOT NULL          -- decimal: 64 bits without a sign do not fit an INTEGER
) STRICT;

CREATE TABLE tests (
    run INTEGER NOT NULL REFERENCES runs,
    dut TEXT NOT NULL,
    file TEXT NOT NULL,
    test TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    verdict TEXT,               -- NULL: it never ended
    message TEXT NOT NULL DEFAULT '',
    began_ns INTEGER NOT NULL,
    ended_ns INTEGER,
    PRIMARY KEY (run, dut, file, test, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    run INTEGER NOT NULL,
    dut TEXT NOT NULL,
    file TEXT NOT NULL,
    test TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (run, dut, file, test, attempt, tag),
    FOREIGN KEY (run, dut, file, test, attempt) REFERENCES tests
) STRICT, WITHOUT ROWID;

CREATE TABLE checks (
    run INTEGER NOT NULL,
    dut TEXT NOT NULL,
    file TEXT NOT NULL,
    test TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    verdict TEXT NOT NULL,
    kind TEXT NOT NULL,         -- measurement or claim
    value REAL,                 -- NULL in a claim; in a measurement: not a number
    low REAL,
    high REAL,
    unit TEXT NOT NULL,
    script_line TEXT NOT NULL,
    bench_ns INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (run, dut, file, test, attempt, number),
    FOREIGN KEY (run, dut, file, test, attempt) REFERENCES tests
) STRICT, WITHOUT ROWID;

-- The requirement comes early in the key: "what speaks for RLY-01 in this run"
-- is one look-up, and the requirements of a run come out in order.
CREATE TABLE proofs (
    run INTEGER NOT NULL,
    requirement TEXT NOT NULL,
    dut TEXT NOT NULL,
    file TEXT NOT NULL,
    test TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (run, requirement, dut, file, test, attempt, number),
    FOREIGN KEY (run, dut, file, test, attempt, number) REFERENCES checks
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace rig::reports::schema
