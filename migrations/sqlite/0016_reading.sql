-- When each finding was last looked at in full with nothing left to do, and when the clock alone calls for the next look; and
-- up to when the lists of changes of each tracker were followed. A cycle leaves alone what nothing touched since. A finding
-- without a row is looked at in the next cycle: so is everything in a register of an earlier release.
-- Whoever writes anything about a finding, in whatever process, takes its row away. Nothing here is decided.

CREATE TABLE reading (
    finding TEXT PRIMARY KEY,
    data    TEXT NOT NULL
);

CREATE TABLE followed (
    tracker TEXT PRIMARY KEY,
    data    TEXT NOT NULL
);

CREATE TRIGGER finding_new AFTER INSERT ON finding BEGIN DELETE FROM reading WHERE finding = NEW.key; END;
CREATE TRIGGER finding_changed AFTER UPDATE ON finding BEGIN DELETE FROM reading WHERE finding = NEW.key; END;
CREATE TRIGGER link_new AFTER INSERT ON link BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER link_changed AFTER UPDATE ON link BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER link_gone AFTER DELETE ON link BEGIN DELETE FROM reading WHERE finding = OLD.finding; END;
CREATE TRIGGER intent_new AFTER INSERT ON intent BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER intent_changed AFTER UPDATE ON intent BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER intent_gone AFTER DELETE ON intent BEGIN DELETE FROM reading WHERE finding = OLD.finding; END;
CREATE TRIGGER edit_new AFTER INSERT ON edit_intent BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER edit_changed AFTER UPDATE ON edit_intent BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER edit_gone AFTER DELETE ON edit_intent BEGIN DELETE FROM reading WHERE finding = OLD.finding; END;
CREATE TRIGGER tombstone_new AFTER INSERT ON tombstone BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER tombstone_changed AFTER UPDATE ON tombstone BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER tombstone_gone AFTER DELETE ON tombstone BEGIN DELETE FROM reading WHERE finding = OLD.finding; END;
CREATE TRIGGER citation_new AFTER INSERT ON citation BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER citation_changed AFTER UPDATE ON citation BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
CREATE TRIGGER involvement_new AFTER INSERT ON involvement BEGIN DELETE FROM reading WHERE finding = NEW.finding; END;
