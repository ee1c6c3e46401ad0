-- What searches for our markers showed of each place, by its number, and up to when: a create asks its tracker only for what
-- came after that. A register of an earlier release knows none, and the next search of a place looks at everything.
-- Nothing here is decided, and nothing is believed without being read again. `data` of `marked` says where the issue is;
-- that of `watermark` says for whom it holds, and until when by the tracker's clock.

CREATE TABLE marked (
    tracker TEXT NOT NULL,
    place   TEXT NOT NULL,
    marker  TEXT NOT NULL,
    issue   TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (tracker, place, marker, issue)
);

CREATE TABLE watermark (
    tracker TEXT NOT NULL,
    place   TEXT NOT NULL,
    data    TEXT NOT NULL,
    PRIMARY KEY (tracker, place)
);
