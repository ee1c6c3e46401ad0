-- What is remembered of a place, by its number: whether it was in sight, its names, and whether a person gave it up.
-- `place` pins a name of the configuration to the number that it meant when it was first used.

CREATE TABLE sight (
    tracker TEXT NOT NULL,
    id      TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (tracker, id)
);
