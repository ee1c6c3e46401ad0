-- What came first is told by the number of the transaction that recorded it, never by a clock, which may be wrong.
-- Rows of earlier releases keep the order that they had, before everything that is recorded from now on.

ALTER TABLE cycle ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
UPDATE cycle SET seq = -(
    SELECT COUNT(*) FROM cycle AS later
    WHERE later.started_ms > cycle.started_ms OR (later.started_ms = cycle.started_ms AND later.id > cycle.id)
);
DROP INDEX cycle_by_start;
CREATE INDEX cycle_by_seq ON cycle (seq, id);

ALTER TABLE link ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
UPDATE link SET seq = -(SELECT COUNT(*) FROM link AS later WHERE later.since_ms > link.since_ms);
DROP INDEX link_by_since;
CREATE INDEX link_by_seq ON link (seq, since_ms, finding, host, issue);
