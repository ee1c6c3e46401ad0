-- Where the register stood when it was last written to: a copy of the whole folder is told by it. It follows the file, so it is not stamped.

CREATE TABLE home (
    id         BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    path       TEXT   NOT NULL,
    inode      TEXT   NOT NULL,
    filesystem TEXT   NOT NULL
);

-- Accounts that this register acted as: what one of them wrote is ours, whichever acts now.

CREATE TABLE account (
    tracker  TEXT   NOT NULL,
    account  TEXT   NOT NULL,
    since_ms BIGINT NOT NULL,
    data     TEXT   NOT NULL,
    PRIMARY KEY (tracker, account)
);
