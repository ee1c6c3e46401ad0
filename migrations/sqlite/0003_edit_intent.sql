-- Edits of issues whose outcome is not recorded: committed before the first request, one row for each link at most.
CREATE TABLE edit_intent (
    finding TEXT   NOT NULL REFERENCES finding (key) DEFERRABLE INITIALLY DEFERRED,
    host    TEXT   NOT NULL,
    issue   TEXT   NOT NULL,
    sent_ms BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, host, issue)
);
