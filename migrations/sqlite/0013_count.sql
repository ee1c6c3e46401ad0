-- Each finding and each link carries the number of the transaction that last changed what readers see of it; a cycle has that
-- in `seq` already. Rows of earlier releases carry none before they change. `shown` is what readers see of what was observed.

ALTER TABLE finding ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN shown TEXT NOT NULL DEFAULT '';

-- What each credential was used for lately, counted by whole seconds: ceilings hold over processes and restarts.
-- `credential` is a digest that tells credentials apart. `kind` is create, write, or refused.
CREATE TABLE allowance (
    credential TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    at_ms      BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    PRIMARY KEY (credential, kind, at_ms)
);
