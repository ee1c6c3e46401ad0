-- What became of the issues that documents cite: linked, or set aside by a reviewer. A citation without a row is not settled.

CREATE TABLE citation (
    finding TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    written TEXT   NOT NULL,
    at_ms   BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, written)
);
