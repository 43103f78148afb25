-- SPDX-License-Identifier: GPL-3.0-or-later
-- A results store as version 1 of its schema left it: one run that ended, one that was killed.
PRAGMA application_id = 1380534099;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
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
INSERT INTO "checks" VALUES(1,'pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,1,'balance current','passed','measurement',1.0123456,0.9,1.1,'A','acceptance/balancing.lua:9',1000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,2,'balance current','passed','measurement',0.0,NULL,0.02,'A','acceptance/balancing.lua:12',2000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,3,'status = balancing','passed','claim',NULL,NULL,NULL,'','acceptance/balancing.lua:13',3000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,4,'frames','passed','measurement',31.0,30.0,NULL,'','acceptance/balancing.lua:14',4000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/soc.lua','the count of charge goes on',1,1,'state of charge','passed','measurement',50.0,49.0,51.0,'%','acceptance/soc.lua:8',1000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,1,'V-max trip, cell[2]','failed','measurement',3.66200000000000036592e+00,3.58,3.62,'V','acceptance/thresholds.lua:14',1000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,2,'time to trip','passed','measurement',2.05,NULL,4.5,'s','acceptance/thresholds.lua:17',2000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,3,'the load relay stays closed','failed','claim',NULL,NULL,NULL,'','acceptance/thresholds.lua:18',3000000000,'false after 3.1 s');
INSERT INTO "checks" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',2,1,'V-max trip, cell[2]','failed','measurement',3.6200000001,3.58,3.62,'V','acceptance/thresholds.lua:14',1000000000,'');
INSERT INTO "checks" VALUES(1,'pack','acceptance/thresholds.lua','the load relay opens at V-min',1,1,'V-min trip, cell[1]','passed','measurement',2.7,2.68,2.72,'V','acceptance/thresholds.lua:30',1000000000,'');
INSERT INTO "checks" VALUES(2,'pack','acceptance/soc.lua','the count of charge goes on',1,1,'state of charge','passed','measurement',50.5,49.0,51.0,'%','acceptance/soc.lua:8',9000000000,'');
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
INSERT INTO "proofs" VALUES(1,'BAL-01','pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,1);
INSERT INTO "proofs" VALUES(1,'BAL-01','pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,2);
INSERT INTO "proofs" VALUES(1,'BAL-03','pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,3);
INSERT INTO "proofs" VALUES(1,'BAL-05','pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,1);
INSERT INTO "proofs" VALUES(1,'RLY-01','pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,1);
INSERT INTO "proofs" VALUES(1,'RLY-01','pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,2);
INSERT INTO "proofs" VALUES(1,'RLY-01','pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',2,1);
INSERT INTO "proofs" VALUES(1,'RLY-06','pack','acceptance/thresholds.lua','the load relay opens at V-min',1,1);
INSERT INTO "proofs" VALUES(1,'RLY-11','pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,3);
INSERT INTO "proofs" VALUES(1,'RLY-11','pack','acceptance/thresholds.lua','the load relay opens at V-min',1,1);
INSERT INTO "proofs" VALUES(1,'RLY-12','pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,1);
INSERT INTO "proofs" VALUES(1,'RLY-12','pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',2,1);
INSERT INTO "proofs" VALUES(1,'SOC-01','pack','acceptance/soc.lua','the count of charge goes on',1,1);
INSERT INTO "proofs" VALUES(2,'SOC-01','pack','acceptance/soc.lua','the count of charge goes on',1,1);
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
INSERT INTO "runs" VALUES(1,'bench-7','5f0c8a52-6c5e-4a86-9e0e-3f3a4f0b7c11','2024-05-01T12:00:00Z','2024-05-01T12:00:09Z','0.1.0','gen3-hw2-4s.toml','gen3-hw2','7');
INSERT INTO "runs" VALUES(2,'bench-7','0b5f0d7e-0c3e-4a3c-8f55-2a1b3c4d5e6f','2024-05-02T08:30:00Z',NULL,'0.1.0','gen3-hw2-4s.toml','gen3-hw2','18446744073709551615');
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
INSERT INTO "tags" VALUES(1,'pack','acceptance/soc.lua','the count of charge goes on',1,'long');
INSERT INTO "tags" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,'relay');
INSERT INTO "tags" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',2,'relay');
INSERT INTO "tags" VALUES(2,'pack','acceptance/soc.lua','the count of charge goes on',1,'long');
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
INSERT INTO "tests" VALUES(1,'pack','acceptance/balancing.lua','a board balances "above" <V-balance> & stops at it',1,'passed','',0,3725000000000);
INSERT INTO "tests" VALUES(1,'pack','acceptance/balancing.lua','bytes  that XML cannot hold, ÿÃ( and Ã¤',1,'passed','',0,1000000);
INSERT INTO "tests" VALUES(1,'pack','acceptance/chain.lua','a damaged message changes nothing',1,'skipped','this bench has no chain_tap',0,0);
INSERT INTO "tests" VALUES(1,'pack','acceptance/soc.lua','the count of charge goes on',1,NULL,'',0,NULL);
INSERT INTO "tests" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',1,'failed','2 of 3 checks failed, first:
V-max trip, cell[2]: 3.662 V, limits 3.58 to 3.62',0,12345678901);
INSERT INTO "tests" VALUES(1,'pack','acceptance/thresholds.lua','the charge relay opens when one cell reaches V-max',2,'failed','trip point: nothing moved back',0,12000000000);
INSERT INTO "tests" VALUES(1,'pack','acceptance/thresholds.lua','the load relay opens at V-min',1,'error','cells: no answer to "MEAS1:VOLT?" within 500 ms on memory:cells
  bench   everything off
  try     run this test alone with --filter',0,3000000000);
INSERT INTO "tests" VALUES(2,'pack','acceptance/soc.lua','the count of charge goes on',1,NULL,'',5000000000,NULL);
COMMIT;
