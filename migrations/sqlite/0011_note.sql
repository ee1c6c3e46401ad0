-- What stands undone or needs a person, each since when: observations, so they are not stamped. `code` is the kind of a note;
-- `which` tells those of one kind about one subject apart. `since_seq` is the transaction that it began with, `seq` the one that
-- last said it in other words.

CREATE TABLE note (
    subject   TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    code      TEXT   NOT NULL,
    which     TEXT   NOT NULL,
    since_seq BIGINT NOT NULL,
    since_ms  BIGINT NOT NULL,
    seq       BIGINT NOT NULL,
    until     TEXT,
    data      TEXT   NOT NULL,
    PRIMARY KEY (subject, name, code, which)
);
