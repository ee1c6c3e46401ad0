//! Every statement of the register, in SQL that SQLite and PostgreSQL read alike.
//!
//! Knows tables and columns. Uses no function, type or keyword of one database only; a test prepares each of them.

/// Every statement, so that a test can prepare each on every database.
pub const ALL: &[&str] = &[
    META_ADD,
    META_READ,
    LEASE_TAKE,
    LEASE_USE,
    VERSION_READ,
    STANDING_READ,
    FINDING_PUT,
    FINDINGS_READ,
    LINK_PUT,
    LINK_DROP,
    LINKS_READ,
    INTENT_PUT,
    INTENT_AMEND,
    INTENT_DROP,
    INTENTS_READ,
    EDIT_PUT,
    EDIT_DROP,
    EDITS_READ,
    TOMBSTONE_PUT,
    TOMBSTONES_DROP,
    TOMBSTONE_DROP,
    TOMBSTONES_READ,
    PLACE_PUT,
    PLACES_READ,
    SIGHT_PUT,
    SIGHTS_READ,
    ISSUE_PUT,
    ISSUES_READ,
    PAUSE_PUT,
    PAUSE_DROP,
    PAUSES_READ,
    CYCLE_PUT,
    CYCLES_DROP,
    CYCLE_READ,
    CHAIN_BEGIN,
    CHAIN_READ,
    CHAIN_MOVE,
    HISTORY_ADD,
    HISTORY_WALK,
    HISTORY_READ,
    HISTORY_READ_FINDING,
    HISTORY_READ_CYCLE,
    HISTORY_READ_FINDING_CYCLE,
];

/// Adds a fact about the register itself, once and for all.
pub const META_ADD: &str = "INSERT INTO meta (key, value) VALUES ($1, $2)";
/// Reads the facts about the register itself.
pub const META_READ: &str = "SELECT key, value FROM meta";

/// Takes the lease: from here on, holders of an older epoch write nothing.
pub const LEASE_TAKE: &str = "UPDATE lease SET epoch = epoch + 1, holder = $1 WHERE id = 1 RETURNING epoch";
/// First statement of every transaction that writes: touches the row only while the lease is ours, and counts the transaction.
pub const LEASE_USE: &str =
    "UPDATE lease SET version = version + 1 WHERE id = 1 AND epoch = $1 RETURNING version";
/// Reads how many transactions were recorded.
pub const VERSION_READ: &str = "SELECT version FROM lease WHERE id = 1";
/// Reads how many transactions were recorded, when the newest cycle began, and when the register was founded.
pub const STANDING_READ: &str = "\
    SELECT version, (SELECT MAX(started_ms) FROM cycle), (SELECT value FROM meta WHERE key = 'founded') \
    FROM lease WHERE id = 1";

/// Inserts or replaces a finding.
pub const FINDING_PUT: &str = "\
    INSERT INTO finding (key, postmortem, state, severity, due, changed_ms, data) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (key) DO UPDATE SET postmortem = excluded.postmortem, state = excluded.state, \
    severity = excluded.severity, due = excluded.due, changed_ms = excluded.changed_ms, data = excluded.data";
/// Reads all findings.
pub const FINDINGS_READ: &str = "SELECT key, data FROM finding ORDER BY key";

/// Inserts or replaces a link.
pub const LINK_PUT: &str = "\
    INSERT INTO link (finding, host, issue, tracker, destination, kind, since_ms, data) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
    ON CONFLICT (finding, host, issue) DO UPDATE SET tracker = excluded.tracker, destination = excluded.destination, \
    kind = excluded.kind, since_ms = excluded.since_ms, data = excluded.data";
/// Removes a link.
pub const LINK_DROP: &str = "DELETE FROM link WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads the mapping table in order of linking.
pub const LINKS_READ: &str =
    "SELECT finding, host, issue, data FROM link ORDER BY since_ms, finding, host, issue";

/// Inserts an intent, or replaces one of a lower epoch; touches no row when one of the same or a higher epoch is there.
pub const INTENT_PUT: &str = "\
    INSERT INTO intent (finding, tracker, place, epoch, sent_ms, data) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (finding, tracker, place) DO UPDATE SET epoch = excluded.epoch, sent_ms = excluded.sent_ms, \
    data = excluded.data WHERE intent.epoch < excluded.epoch";
/// Says more of an attempt; touches no row of another epoch.
pub const INTENT_AMEND: &str = "\
    UPDATE intent SET sent_ms = $5, data = $6 WHERE finding = $1 AND tracker = $2 AND place = $3 AND epoch = $4";
/// Removes an intent.
pub const INTENT_DROP: &str = "DELETE FROM intent WHERE finding = $1 AND tracker = $2 AND place = $3";
/// Reads the open intents.
pub const INTENTS_READ: &str =
    "SELECT finding, tracker, place, data FROM intent ORDER BY finding, tracker, place";

/// Inserts or replaces an edit whose outcome is not recorded.
pub const EDIT_PUT: &str = "\
    INSERT INTO edit_intent (finding, host, issue, sent_ms, data) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (finding, host, issue) DO UPDATE SET sent_ms = excluded.sent_ms, data = excluded.data";
/// Removes an edit whose outcome is known, or whose link ends.
pub const EDIT_DROP: &str = "DELETE FROM edit_intent WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads the edits whose outcome is not recorded.
pub const EDITS_READ: &str =
    "SELECT finding, host, issue, data FROM edit_intent ORDER BY finding, host, issue";

/// Inserts or replaces a tombstone.
pub const TOMBSTONE_PUT: &str = "\
    INSERT INTO tombstone (finding, host, issue, at_ms, data) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (finding, host, issue) DO UPDATE SET at_ms = excluded.at_ms, data = excluded.data";
/// Removes the tombstones of a finding.
pub const TOMBSTONES_DROP: &str = "DELETE FROM tombstone WHERE finding = $1";
/// Removes one tombstone.
pub const TOMBSTONE_DROP: &str = "DELETE FROM tombstone WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads the tombstones.
pub const TOMBSTONES_READ: &str =
    "SELECT finding, host, issue, data FROM tombstone ORDER BY finding, host, issue";

/// Inserts or replaces a pinned place.
pub const PLACE_PUT: &str = "\
    INSERT INTO place (tracker, place, data) VALUES ($1, $2, $3) \
    ON CONFLICT (tracker, place) DO UPDATE SET data = excluded.data";
/// Reads the pinned places.
pub const PLACES_READ: &str = "SELECT tracker, place, data FROM place ORDER BY tracker, place";

/// Inserts or replaces what is remembered of a place.
pub const SIGHT_PUT: &str = "\
    INSERT INTO sight (tracker, id, data) VALUES ($1, $2, $3) \
    ON CONFLICT (tracker, id) DO UPDATE SET data = excluded.data";
/// Reads what is remembered of places.
pub const SIGHTS_READ: &str = "SELECT tracker, id, data FROM sight ORDER BY tracker, id";

/// Inserts or replaces how new our last knowledge of an issue is.
pub const ISSUE_PUT: &str = "\
    INSERT INTO issue (host, issue, updated_ms, data) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (host, issue) DO UPDATE SET updated_ms = excluded.updated_ms, data = excluded.data";
/// Reads how new our last knowledge of every issue is.
pub const ISSUES_READ: &str = "SELECT host, issue, data FROM issue ORDER BY host, issue";

/// Inserts or replaces a pause.
pub const PAUSE_PUT: &str = "\
    INSERT INTO pause (tracker, until_ms, data) VALUES ($1, $2, $3) \
    ON CONFLICT (tracker) DO UPDATE SET until_ms = excluded.until_ms, data = excluded.data";
/// Ends a pause.
pub const PAUSE_DROP: &str = "DELETE FROM pause WHERE tracker = $1";
/// Reads the pauses.
pub const PAUSES_READ: &str = "SELECT tracker, data FROM pause ORDER BY tracker";

/// Inserts or replaces the record of a cycle.
pub const CYCLE_PUT: &str = "\
    INSERT INTO cycle (id, started_ms, data) VALUES ($1, $2, $3) \
    ON CONFLICT (id) DO UPDATE SET started_ms = excluded.started_ms, data = excluded.data";
/// Removes all but the newest records of cycles.
pub const CYCLES_DROP: &str = "\
    DELETE FROM cycle WHERE id NOT IN (SELECT id FROM cycle ORDER BY started_ms DESC, id DESC LIMIT $1)";
/// Reads the newest record of a cycle.
pub const CYCLE_READ: &str = "SELECT id, data FROM cycle ORDER BY started_ms DESC, id DESC LIMIT 1";

/// Begins the chain of the history.
pub const CHAIN_BEGIN: &str = "INSERT INTO chain (id, seq, hash) VALUES (1, $1, $2)";
/// Reads where the chain of the history ends.
pub const CHAIN_READ: &str = "SELECT seq, hash FROM chain WHERE id = 1";
/// Moves the end of the chain.
pub const CHAIN_MOVE: &str = "UPDATE chain SET seq = $1, hash = $2 WHERE id = 1";

/// Appends to the history.
pub const HISTORY_ADD: &str = "\
    INSERT INTO history (seq, at_ms, cycle, event, finding, data, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)";
/// Reads entries after a number as they are stored, oldest first.
pub const HISTORY_WALK: &str = "\
    SELECT seq, at_ms, cycle, event, finding, data, hash FROM history WHERE seq > $1 ORDER BY seq LIMIT $2";
/// Reads the newest entries, newest first.
pub const HISTORY_READ: &str = "SELECT seq, hash, data FROM history ORDER BY seq DESC LIMIT $1";
/// Reads the newest entries of a finding, newest first.
pub const HISTORY_READ_FINDING: &str =
    "SELECT seq, hash, data FROM history WHERE finding = $2 ORDER BY seq DESC LIMIT $1";
/// Reads the newest entries of a cycle, newest first.
pub const HISTORY_READ_CYCLE: &str =
    "SELECT seq, hash, data FROM history WHERE cycle = $2 ORDER BY seq DESC LIMIT $1";
/// Reads the newest entries of a finding in a cycle, newest first.
pub const HISTORY_READ_FINDING_CYCLE: &str = "\
    SELECT seq, hash, data FROM history WHERE finding = $2 AND cycle = $3 ORDER BY seq DESC LIMIT $1";
