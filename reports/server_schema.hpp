// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iterator>

/// The tables of the shared database, in PostgreSQL. A row is a store's row: what numbers a run
/// there, and differs from station to station, is its station and UUID here.
namespace rig::reports::server_schema {

/// As schema::steps: each leads from the version before it to its own, and what has been released
/// is not changed any more. The version is in rig.version.
constexpr const char* steps[] = {
    // 1: what a store of version 2 holds
    R"sql(
CREATE TABLE rig.version (version integer NOT NULL);
INSERT INTO rig.version VALUES (0);

CREATE TABLE rig.runs (
    station text NOT NULL,
    uuid text NOT NULL,
    number integer NOT NULL,        -- in the station's own store
    started_utc timestamptz,
    ended_utc timestamptz,          -- NULL: still going on, or it was killed
    rig_version text NOT NULL,
    fixture text NOT NULL,
    profile text NOT NULL,
    seed numeric(20) NOT NULL,
    operated_by text NOT NULL,
    planned integer NOT NULL,
    ending text NOT NULL,           -- complete, stopped, cut short; running, killed when it was last pushed
    whole boolean NOT NULL DEFAULT false,  -- it has ended, and all of it is here
    PRIMARY KEY (station, uuid)
);
CREATE INDEX ON rig.runs (started_utc);

CREATE TABLE rig.duts (
    station text NOT NULL,
    uuid text NOT NULL,
    dut text NOT NULL,
    serial text NOT NULL,
    PRIMARY KEY (station, uuid, dut),
    FOREIGN KEY (station, uuid) REFERENCES rig.runs
);
CREATE INDEX ON rig.duts (serial);

CREATE TABLE rig.files (
    station text NOT NULL,
    uuid text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    PRIMARY KEY (station, uuid, kind, name),
    FOREIGN KEY (station, uuid) REFERENCES rig.runs
);

CREATE TABLE rig.instruments (
    station text NOT NULL,
    uuid text NOT NULL,
    name text NOT NULL,
    link text NOT NULL,
    identity text NOT NULL,
    PRIMARY KEY (station, uuid, name),
    FOREIGN KEY (station, uuid) REFERENCES rig.runs
);

CREATE TABLE rig.signals (
    station text NOT NULL,
    uuid text NOT NULL,
    layout bigint NOT NULL,
    number integer NOT NULL,
    signal text NOT NULL,
    source text NOT NULL,
    unit text NOT NULL,
    step double precision NOT NULL,
    PRIMARY KEY (station, uuid, layout, number),
    FOREIGN KEY (station, uuid) REFERENCES rig.runs
);

CREATE TABLE rig.tests (
    station text NOT NULL,
    uuid text NOT NULL,
    dut text NOT NULL,
    file text NOT NULL,
    test text NOT NULL,
    attempt integer NOT NULL,
    began_ns bigint NOT NULL,
    line integer NOT NULL,
    verdict text,                   -- NULL: its rows are still coming, or it never ended
    message text NOT NULL DEFAULT '',
    ended_ns bigint,
    PRIMARY KEY (station, uuid, dut, file, test, attempt),
    FOREIGN KEY (station, uuid) REFERENCES rig.runs
);

CREATE TABLE rig.tags (
    station text NOT NULL,
    uuid text NOT NULL,
    dut text NOT NULL,
    file text NOT NULL,
    test text NOT NULL,
    attempt integer NOT NULL,
    tag text NOT NULL,
    PRIMARY KEY (station, uuid, dut, file, test, attempt, tag),
    FOREIGN KEY (station, uuid, dut, file, test, attempt) REFERENCES rig.tests
);

CREATE TABLE rig.checks (
    station text NOT NULL,
    uuid text NOT NULL,
    dut text NOT NULL,
    file text NOT NULL,
    test text NOT NULL,
    attempt integer NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    verdict text NOT NULL,
    kind text NOT NULL,
    value double precision,
    low double precision,
    high double precision,
    unit text NOT NULL,
    script_line text NOT NULL,
    bench_ns bigint NOT NULL,
    detail text NOT NULL,
    margin double precision GENERATED ALWAYS AS (least(value - low, high - value)) STORED,
    PRIMARY KEY (station, uuid, dut, file, test, attempt, number),
    FOREIGN KEY (station, uuid, dut, file, test, attempt) REFERENCES rig.tests
);
CREATE INDEX ON rig.checks (name);

CREATE TABLE rig.proofs (
    station text NOT NULL,
    uuid text NOT NULL,
    requirement text NOT NULL,
    dut text NOT NULL,
    file text NOT NULL,
    test text NOT NULL,
    attempt integer NOT NULL,
    number integer NOT NULL,
    PRIMARY KEY (station, uuid, requirement, dut, file, test, attempt, number),
    FOREIGN KEY (station, uuid, dut, file, test, attempt, number) REFERENCES rig.checks
);

CREATE TABLE rig.events (
    station text NOT NULL,
    uuid text NOT NULL,
    dut text NOT NULL,
    file text NOT NULL,
    test text NOT NULL,
    attempt integer NOT NULL,
    number integer NOT NULL,
    bench_ns bigint NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (station, uuid, dut, file, test, attempt, number),
    FOREIGN KEY (station, uuid, dut, file, test, attempt) REFERENCES rig.tests
);

CREATE TABLE rig.recordings (
    station text NOT NULL,
    uuid text NOT NULL,
    dut text NOT NULL,
    file text NOT NULL,
    test text NOT NULL,
    attempt integer NOT NULL,
    block integer NOT NULL,
    layout bigint NOT NULL,
    first_ns bigint NOT NULL,
    last_ns bigint NOT NULL,
    changes bytea NOT NULL,         -- as in a store
    PRIMARY KEY (station, uuid, dut, file, test, attempt, block),
    FOREIGN KEY (station, uuid, dut, file, test, attempt) REFERENCES rig.tests
);
)sql"};

constexpr int version = static_cast<int>(std::size(steps));

}  // namespace rig::reports::server_schema
