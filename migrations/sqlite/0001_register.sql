-- The register and the mapping table. Applied migrations are pinned by checksum: never edit this file, add the next one.
-- `data` holds the whole row as JSON; the other columns repeat what is searched, ordered or unique.
-- Times are milliseconds since 1970-01-01 UTC, dates are ISO 8601 text.

-- Who this register is. Written once.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row. `epoch` counts changes of hands, `version` counts recorded transactions.
CREATE TABLE lease (
    id      BIGINT PRIMARY KEY CHECK (id = 1),
    epoch   BIGINT NOT NULL,
    holder  TEXT   NOT NULL,
    version BIGINT NOT NULL
);
INSERT INTO lease (id, epoch, holder, version) VALUES (1, 0, '', 0);

CREATE TABLE finding (
    key        TEXT PRIMARY KEY,
    postmortem TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    severity   TEXT   NOT NULL,
    due        TEXT,
    changed_ms BIGINT NOT NULL,
    data       TEXT   NOT NULL
);

-- Deferred references: the order of the writes within one transaction does not matter.
CREATE TABLE link (
    finding     TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    host        TEXT   NOT NULL,
    issue       TEXT   NOT NULL,
    tracker     TEXT   NOT NULL,
    destination TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    since_ms    BIGINT NOT NULL,
    data        TEXT   NOT NULL,
    PRIMARY KEY (finding, host, issue)
);
CREATE INDEX link_by_issue ON link (host, issue);
CREATE INDEX link_by_since ON link (since_ms, finding, host, issue);
-- At most one created issue per finding and destination, whatever the code above believes.
CREATE UNIQUE INDEX link_created_once ON link (finding, tracker, destination) WHERE kind = 'created';

CREATE TABLE intent (
    finding TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    tracker TEXT   NOT NULL,
    place   TEXT   NOT NULL,
    epoch   BIGINT NOT NULL,
    sent_ms BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, tracker, place)
);

CREATE TABLE tombstone (
    finding TEXT   NOT NULL,
    host    TEXT   NOT NULL,
    issue   TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, host, issue)
);

CREATE TABLE place (
    tracker TEXT NOT NULL,
    place   TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (tracker, place)
);

CREATE TABLE pause (
    tracker  TEXT PRIMARY KEY,
    until_ms BIGINT NOT NULL,
    data     TEXT   NOT NULL
);

CREATE TABLE cycle (
    id         TEXT PRIMARY KEY,
    started_ms BIGINT NOT NULL,
    data       TEXT   NOT NULL
);
CREATE INDEX cycle_by_start ON cycle (started_ms, id);

-- Append only. AUTOINCREMENT, so that a number is never used again.
CREATE TABLE history (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms   BIGINT NOT NULL,
    cycle   TEXT   NOT NULL,
    event   TEXT   NOT NULL,
    finding TEXT,
    data    TEXT   NOT NULL
);
CREATE INDEX history_by_finding ON history (finding, seq);
CREATE INDEX history_by_cycle ON history (cycle, seq);
