-- Which findings a cycle looks at is asked of an index: `due_ms` is when the next look at one is due, by the clock or by its
-- turn; 0 is at once, for one that was never looked at, or of which anything was written since. After this, everything is
-- looked at once. What follows issues where is counted as links come and go, so that nobody has to read them all.
-- Nothing here is decided.

DROP TRIGGER finding_new;
DROP TRIGGER finding_changed;
DROP TRIGGER link_new;
DROP TRIGGER link_changed;
DROP TRIGGER link_gone;
DROP TRIGGER intent_new;
DROP TRIGGER intent_changed;
DROP TRIGGER intent_gone;
DROP TRIGGER edit_new;
DROP TRIGGER edit_changed;
DROP TRIGGER edit_gone;
DROP TRIGGER tombstone_new;
DROP TRIGGER tombstone_changed;
DROP TRIGGER tombstone_gone;
DROP TRIGGER citation_new;
DROP TRIGGER citation_changed;
DROP TRIGGER involvement_new;
DROP TABLE reading;

CREATE TABLE reading (
    finding TEXT   NOT NULL PRIMARY KEY,
    due_ms  BIGINT NOT NULL,
    at_ms   BIGINT NOT NULL,
    scope   TEXT   NOT NULL,
    data    TEXT   NOT NULL
);
CREATE INDEX reading_by_due ON reading (due_ms, finding);
CREATE INDEX reading_by_time ON reading (at_ms, finding);
CREATE INDEX reading_by_scope ON reading (scope, finding);
INSERT INTO reading (finding, due_ms, at_ms, scope, data) SELECT key, 0, 0, '', '' FROM finding;

-- `version` is the transaction up to which nothing was recorded that documents are held against.
ALTER TABLE followed ADD COLUMN version BIGINT NOT NULL DEFAULT 0;

-- Where an issue was last seen, by its place's name and number.
ALTER TABLE link ADD COLUMN place TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(data) THEN COALESCE(json_extract(data, '$.issue.place'), '') ELSE '' END) VIRTUAL;
ALTER TABLE link ADD COLUMN place_id TEXT GENERATED ALWAYS AS
    (CASE WHEN json_valid(data) THEN COALESCE(json_extract(data, '$.issue.place_id'), '') ELSE '' END) VIRTUAL;
CREATE INDEX link_by_place ON link (tracker, place, finding);

CREATE INDEX tombstone_by_time ON tombstone (at_ms, finding, host, issue);

-- How many links lead to issues in each place.
CREATE TABLE whereabouts (
    tracker  TEXT   NOT NULL,
    host     TEXT   NOT NULL,
    place    TEXT   NOT NULL,
    place_id TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    links    BIGINT NOT NULL,
    PRIMARY KEY (tracker, host, place, place_id, kind)
);
INSERT INTO whereabouts (tracker, host, place, place_id, kind, links)
    SELECT tracker, host, place, place_id, kind, COUNT(*) FROM link GROUP BY tracker, host, place, place_id, kind;

CREATE TRIGGER finding_new AFTER INSERT ON finding BEGIN
    INSERT INTO reading (finding, due_ms, at_ms, scope, data) VALUES (NEW.key, 0, 0, '', '')
        ON CONFLICT (finding) DO UPDATE SET due_ms = 0, data = '';
END;
CREATE TRIGGER finding_changed AFTER UPDATE ON finding BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.key;
END;
CREATE TRIGGER finding_gone AFTER DELETE ON finding BEGIN
    DELETE FROM reading WHERE finding = OLD.key;
END;
-- Whoever shares an issue is looked at together.
CREATE TRIGGER link_new AFTER INSERT ON link BEGIN
    UPDATE reading SET due_ms = 0, data = ''
        WHERE finding IN (SELECT finding FROM link WHERE host = NEW.host AND issue = NEW.issue);
    INSERT INTO whereabouts (tracker, host, place, place_id, kind, links)
        VALUES (NEW.tracker, NEW.host, NEW.place, NEW.place_id, NEW.kind, 1)
        ON CONFLICT (tracker, host, place, place_id, kind) DO UPDATE SET links = links + 1;
END;
CREATE TRIGGER link_changed AFTER UPDATE ON link BEGIN
    UPDATE reading SET due_ms = 0, data = ''
        WHERE finding IN (SELECT finding FROM link WHERE host = NEW.host AND issue = NEW.issue);
END;
CREATE TRIGGER link_moved AFTER UPDATE ON link
WHEN OLD.tracker <> NEW.tracker OR OLD.place <> NEW.place OR OLD.place_id <> NEW.place_id OR OLD.kind <> NEW.kind BEGIN
    UPDATE whereabouts SET links = links - 1
        WHERE tracker = OLD.tracker AND host = OLD.host AND place = OLD.place AND place_id = OLD.place_id AND kind = OLD.kind;
    DELETE FROM whereabouts WHERE links <= 0;
    INSERT INTO whereabouts (tracker, host, place, place_id, kind, links)
        VALUES (NEW.tracker, NEW.host, NEW.place, NEW.place_id, NEW.kind, 1)
        ON CONFLICT (tracker, host, place, place_id, kind) DO UPDATE SET links = links + 1;
END;
CREATE TRIGGER link_gone AFTER DELETE ON link BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = OLD.finding;
    UPDATE reading SET due_ms = 0, data = ''
        WHERE finding IN (SELECT finding FROM link WHERE host = OLD.host AND issue = OLD.issue);
    UPDATE whereabouts SET links = links - 1
        WHERE tracker = OLD.tracker AND host = OLD.host AND place = OLD.place AND place_id = OLD.place_id AND kind = OLD.kind;
    DELETE FROM whereabouts WHERE links <= 0;
END;
CREATE TRIGGER intent_new AFTER INSERT ON intent BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER intent_changed AFTER UPDATE ON intent BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER intent_gone AFTER DELETE ON intent BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = OLD.finding;
END;
CREATE TRIGGER edit_new AFTER INSERT ON edit_intent BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER edit_changed AFTER UPDATE ON edit_intent BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER edit_gone AFTER DELETE ON edit_intent BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = OLD.finding;
END;
CREATE TRIGGER tombstone_new AFTER INSERT ON tombstone BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER tombstone_changed AFTER UPDATE ON tombstone BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER tombstone_gone AFTER DELETE ON tombstone BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = OLD.finding;
END;
CREATE TRIGGER citation_new AFTER INSERT ON citation BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER citation_changed AFTER UPDATE ON citation BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
CREATE TRIGGER involvement_new AFTER INSERT ON involvement BEGIN
    UPDATE reading SET due_ms = 0, data = '' WHERE finding = NEW.finding;
END;
