-- What was decided is told apart from what was merely observed: `data` holds the one, `observed` the other.
-- Every row of `finding`, `link`, `intent`, `tombstone`, `place` and `meta` is named, with a digest of everything but what
-- was observed, by an entry `stamped` of the history; `stamp` repeats the last one of each row, and where it is.
-- Rows of earlier releases are split and stamped as they are found, in the same transaction, by the program.

ALTER TABLE finding ADD COLUMN observed TEXT NOT NULL DEFAULT '{}';
ALTER TABLE link ADD COLUMN observed TEXT NOT NULL DEFAULT '{}';
ALTER TABLE place ADD COLUMN observed TEXT NOT NULL DEFAULT '{}';

-- `key` is the row's primary key as a JSON array of texts.
CREATE TABLE stamp (
    kind   TEXT   NOT NULL,
    key    TEXT   NOT NULL,
    seq    BIGINT NOT NULL,
    digest TEXT   NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE INDEX history_stamped ON history (seq) WHERE event = 'stamped';
