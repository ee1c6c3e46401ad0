-- Up to which transaction nothing was recorded that documents are held against, whether or not any tracker's lists are
-- followed; none until a cycle has come to its end.
CREATE TABLE stood (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL,
    scope   TEXT   NOT NULL
);
ALTER TABLE followed DROP COLUMN version;
