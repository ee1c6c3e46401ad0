-- What is known of each document of each source: one row for each write-up of a file, page or issue. A register of an earlier
-- release knows none, and its next cycle fills this in.
-- `id` is the write-up's; empty while the document was never understood. `size` to `revision` tell whether it is the same
-- without reading it: times are nanoseconds since 1970, and `inode` is empty where there is no file.
-- Nothing here is decided: classes that were kept or lowered stand in the findings, which are stamped.
-- `data` holds the counts of what was found, and the times; `class` and `coverage` repeat two of its values.

CREATE TABLE document (
    source      TEXT   NOT NULL,
    path        TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    size        BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL,
    changed_ns  BIGINT NOT NULL,
    inode       TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    revision    TEXT   NOT NULL,
    class       TEXT   NOT NULL,
    coverage    TEXT   NOT NULL,
    data        TEXT   NOT NULL,
    PRIMARY KEY (source, path, id)
);
