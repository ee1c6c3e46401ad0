-- Who had a part in a finding, as it was when it happened: whoever had one decides nothing about it in that episode.
-- Nothing removes a row. `party` tells any two apart; `seq` is where the history stood when it was recorded, zero before any entry.
-- Not a reference to `finding`: what happened is true whatever becomes of the row.

CREATE TABLE involvement (
    finding TEXT   NOT NULL,
    episode BIGINT NOT NULL,
    part    TEXT   NOT NULL,
    party   TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    data    TEXT   NOT NULL,
    PRIMARY KEY (finding, episode, part, party)
);
