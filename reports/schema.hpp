// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iterator>

/// The tables of a results store. Wall-clock time is in `runs` alone: equal
/// seeds make every other table equal.
namespace rig::reports::schema {

/// In the file's header: what tells a store from another program's database ("RIGS").
constexpr int application_id = 0x52494753;

/// Each step leads from the version before it to its own: a new store takes all
/// of them, an older one those that it lacks. What has been released is not
/// changed any more; a table that changes is one more step.
constexpr const char* steps[] = {
    // 1: runs, tests, checks
    R"sql(
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
)sql",

    // 2: what was tested with what and by whom; margins, events, recorded signals
    R"sql(
ALTER TABLE runs ADD COLUMN operated_by TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN process TEXT NOT NULL DEFAULT '';  -- who writes it: is it still there?
ALTER TABLE runs ADD COLUMN planned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN ending TEXT NOT NULL DEFAULT 'complete';  -- counts once ended_utc is there
ALTER TABLE tests ADD COLUMN line INTEGER NOT NULL DEFAULT 0;

-- How far inside the nearer limit; negative outside. min() of anything and NULL is NULL.
ALTER TABLE checks ADD COLUMN margin REAL GENERATED ALWAYS AS (
    min(coalesce(value - low, high - value), coalesce(high - value, value - low))) VIRTUAL;

CREATE TABLE duts (
    run INTEGER NOT NULL REFERENCES runs,
    dut TEXT NOT NULL,
    serial TEXT NOT NULL,
    PRIMARY KEY (run, dut)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
    run INTEGER NOT NULL REFERENCES runs,
    kind TEXT NOT NULL,         -- firmware, fixture, limits, dialect, script, library
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE instruments (
    run INTEGER NOT NULL REFERENCES runs,
    name TEXT NOT NULL,
    link TEXT NOT NULL,
    identity TEXT NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    run INTEGER NOT NULL,
    dut TEXT NOT NULL,
    file TEXT NOT NULL,
    test TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    number INTEGER NOT NULL,
    bench_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,         -- print, condemned
    text TEXT NOT NULL,
    PRIMARY KEY (run, dut, file, test, attempt, number),
    FOREIGN KEY (run, dut, file, test, attempt) REFERENCES tests
) STRICT, WITHOUT ROWID;

-- What a bench of one make records, numbered: each test's blocks name their
-- layout. A layout's number follows from its signals, so it is the same in
-- whatever order tests ran.
CREATE TABLE signals (
    run INTEGER NOT NULL REFERENCES runs,
    layout INTEGER NOT NULL,
    number INTEGER NOT NULL,
    signal TEXT NOT NULL,
    source TEXT NOT NULL,       -- measured, driven, plant
    unit TEXT NOT NULL,         -- V, A, °C, %; empty: on or off
    step REAL NOT NULL,         -- what one count of a value is worth
    PRIMARY KEY (run, layout, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE recordings (
    run INTEGER NOT NULL,
    dut TEXT NOT NULL,
    file TEXT NOT NULL,
    test TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    block INTEGER NOT NULL,
    layout INTEGER NOT NULL,
    first_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    changes BLOB NOT NULL,      -- signal_block.hpp
    PRIMARY KEY (run, dut, file, test, attempt, block),
    FOREIGN KEY (run, dut, file, test, attempt) REFERENCES tests
) STRICT, WITHOUT ROWID;
)sql"};

/// A rig refuses a store newer than itself.
constexpr int version = static_cast<int>(std::size(steps));

}  // namespace rig::reports::schema
