-- What is asked of single findings is answered by an index, however many there are.

-- The last stamps stand together by finding: `bucket` is the number that a digest of the finding's key gives; what belongs to no
-- finding shares one. `stamp_sum` has the sum over the stamps of each bucket, so that the stamps of a finding are known to be those
-- that the history names without reading all others. The program carries the rows of earlier releases over in the same
-- transaction, and then drops the old table.
ALTER TABLE stamp RENAME TO stamp_unsorted;

CREATE TABLE stamp (
    bucket BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    key    TEXT   NOT NULL,
    seq    BIGINT NOT NULL,
    digest TEXT   NOT NULL,
    PRIMARY KEY (bucket, kind, key)
) WITHOUT ROWID;

CREATE TABLE stamp_sum (
    bucket BIGINT PRIMARY KEY,
    sum    TEXT NOT NULL
);

-- By what findings are found; none of it is decided. `alike` is the digest of what a finding asks for, as texts are compared; empty
-- where that is too short to tell.
ALTER TABLE finding ADD COLUMN alike TEXT NOT NULL DEFAULT '';
CREATE INDEX finding_alike ON finding (alike, key);
CREATE INDEX finding_by_write_up ON finding (postmortem, key);
CREATE INDEX finding_folded ON finding (LOWER(key));

-- What a finding, or each finding of a write-up, is or was called beside its key: by an issue, a citation, a document. A name that
-- nothing answers to any more leads to a row that says so.
CREATE TABLE called (
    name     TEXT NOT NULL,
    finding  TEXT NOT NULL,
    write_up TEXT NOT NULL,
    PRIMARY KEY (name, finding, write_up)
) WITHOUT ROWID;
