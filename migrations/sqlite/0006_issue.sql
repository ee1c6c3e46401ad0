-- How new our last knowledge of each issue is, by the tracker's own clock: an answer that is older is not believed.
-- A register that comes from an earlier release learns it with its first cycle.

CREATE TABLE issue (
    host       TEXT   NOT NULL,
    issue      TEXT   NOT NULL,
    updated_ms BIGINT NOT NULL,
    data       TEXT   NOT NULL,
    PRIMARY KEY (host, issue)
);
