-- Every entry of the history carries a hash over itself and everything before it; `chain` says where it ends.
-- Entries of earlier releases are chained in the same transaction by the program, which then drops the old table.
-- No default: a program that knows no chain cannot add to it.

DROP INDEX history_by_finding;
DROP INDEX history_by_cycle;
ALTER TABLE history RENAME TO history_unchained;

CREATE TABLE history (
    seq     INTEGER PRIMARY KEY,
    at_ms   BIGINT NOT NULL,
    cycle   TEXT   NOT NULL,
    event   TEXT   NOT NULL,
    finding TEXT,
    data    TEXT   NOT NULL,
    hash    TEXT   NOT NULL
);
CREATE INDEX history_by_finding ON history (finding, seq);
CREATE INDEX history_by_cycle ON history (cycle, seq);

-- One row.
CREATE TABLE chain (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL
);
