//! Every statement of the register, in SQL that SQLite and PostgreSQL read alike.
//!
//! Knows tables and columns. Uses no function, type or keyword of one database only; a test prepares each of them.

pub mod names;
pub mod pages;
pub mod reads;
pub mod rows_of;
pub mod stamped;

/// Every statement, so that a test can prepare each on every database.
pub const ALL: &[&str] = &[
    META_ADD,
    META_READ,
    META_ALL,
    META_ONE,
    META_SET,
    HOME_READ,
    HOME_PUT,
    ACCOUNT_PUT,
    ACCOUNTS_READ,
    ACCOUNT_READ,
    LEASE_TAKE,
    LEASE_USE,
    VERSION_READ,
    STANDING_READ,
    FINDING_PUT,
    FINDINGS_READ,
    FINDING_READ,
    FINDING_VERSION,
    FINDING_TOUCH,
    FINDING_VERSIONS,
    LINK_PUT,
    LINK_TOUCH,
    LINK_VERSIONS,
    LINK_DROP,
    LINK_SEQ,
    LINKS_READ,
    LINK_READ,
    INTENT_PUT,
    INTENT_AMEND,
    INTENT_ANEW,
    INTENT_DROP,
    INTENTS_READ,
    INTENT_READ,
    EDIT_PUT,
    EDIT_DROP,
    EDITS_READ,
    TOMBSTONE_PUT,
    TOMBSTONE_DROP,
    TOMBSTONES_OF,
    TOMBSTONES_READ,
    CITATION_PUT,
    CITATIONS_READ,
    CITATION_READ,
    TOMBSTONE_READ,
    INVOLVEMENT_ADD,
    INVOLVEMENT_READ,
    INVOLVEMENT_ONE,
    PLACE_PUT,
    PLACES_READ,
    PLACE_READ,
    SIGHT_PUT,
    SIGHTS_READ,
    ISSUE_PUT,
    ISSUES_READ,
    PAUSE_PUT,
    PAUSE_DROP,
    PAUSES_READ,
    NOTE_PUT,
    NOTE_DROP,
    NOTES_READ,
    CYCLE_PUT,
    CYCLES_DROP,
    CYCLE_READ,
    SPENT_ADD,
    SPENT_DROP,
    SPENT_READ,
    DOCUMENT_PUT,
    DOCUMENT_DROP,
    DOCUMENTS_READ,
    KEYS_LOST,
    MAPPING_PUT,
    MAPPINGS_READ,
    MAPPING_READ,
    MAPPING_DROP,
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
/// Reads them as rows that are stamped.
pub const META_ALL: &str = "SELECT key, value, '{}' FROM meta ORDER BY key";
/// Reads one of them.
pub const META_ONE: &str = "SELECT key, value, '{}' FROM meta WHERE key = $1";
/// Replaces one of them.
pub const META_SET: &str = "UPDATE meta SET value = $2 WHERE key = $1";

/// Reads where the register stood when it was last written to.
pub const HOME_READ: &str = "SELECT path, inode, filesystem FROM home WHERE id = 1";
/// Remembers where the register stands.
pub const HOME_PUT: &str = "\
    INSERT INTO home (id, path, inode, filesystem) VALUES (1, $1, $2, $3) \
    ON CONFLICT (id) DO UPDATE SET path = excluded.path, inode = excluded.inode, filesystem = excluded.filesystem";

/// Remembers an account that we act as.
pub const ACCOUNT_PUT: &str = "\
    INSERT INTO account (tracker, account, since_ms, data) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tracker, account) DO UPDATE SET since_ms = excluded.since_ms, data = excluded.data";
/// Reads the accounts that we acted as.
pub const ACCOUNTS_READ: &str =
    "SELECT tracker, account, since_ms, data, '{}' FROM account ORDER BY tracker, account";
/// Reads an account that we acted as.
pub const ACCOUNT_READ: &str =
    "SELECT tracker, account, since_ms, data, '{}' FROM account WHERE tracker = $1 AND account = $2";

/// Takes the lease: from here on, whoever holds an older token writes nothing.
pub const LEASE_TAKE: &str = "UPDATE lease SET epoch = epoch + 1, holder = $1 WHERE id = 1 RETURNING epoch";
/// First statement of every transaction that writes: touches the row only while the lease is ours, and counts the transaction.
pub const LEASE_USE: &str =
    "UPDATE lease SET version = version + 1 WHERE id = 1 AND epoch = $1 RETURNING version";
/// Reads how many transactions were recorded.
pub const VERSION_READ: &str = "SELECT version FROM lease WHERE id = 1";
/// Reads how many transactions were recorded, when the newest cycle began, and when the register was founded.
pub const STANDING_READ: &str = "\
    SELECT version, (SELECT started_ms FROM cycle ORDER BY seq DESC, id DESC LIMIT 1), \
    (SELECT value FROM meta WHERE key = 'founded') FROM lease WHERE id = 1";

/// Inserts or replaces a finding. One whose decided half stays the same keeps its version.
pub const FINDING_PUT: &str = "\
    INSERT INTO finding (key, postmortem, state, severity, due, changed_ms, data, observed, version, alike) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (key) DO UPDATE SET postmortem = excluded.postmortem, state = excluded.state, \
    severity = excluded.severity, due = excluded.due, changed_ms = excluded.changed_ms, data = excluded.data, \
    observed = excluded.observed, alike = excluded.alike, \
    version = CASE WHEN finding.data = excluded.data THEN finding.version ELSE excluded.version END";
/// Reads the transaction that last changed what readers see of a finding.
pub const FINDING_VERSION: &str = "SELECT version FROM finding WHERE key = $1";
/// Says that what readers see of a finding changed.
pub const FINDING_TOUCH: &str = "UPDATE finding SET version = $2 WHERE key = $1";
/// Reads the transaction that last changed what readers see of each finding.
pub const FINDING_VERSIONS: &str = "SELECT key, version FROM finding";
/// Reads all findings.
pub const FINDINGS_READ: &str =
    "SELECT key, postmortem, state, severity, due, changed_ms, data, observed FROM finding ORDER BY key";
/// Reads a finding.
pub const FINDING_READ: &str =
    "SELECT key, postmortem, state, severity, due, changed_ms, data, observed FROM finding WHERE key = $1";

/// Inserts or replaces a link. One that is there keeps its place in the order, and its version while readers see the same.
pub const LINK_PUT: &str = "\
    INSERT INTO link (finding, host, issue, tracker, destination, kind, since_ms, data, observed, seq, version, shown) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (finding, host, issue) DO UPDATE SET tracker = excluded.tracker, destination = excluded.destination, \
    kind = excluded.kind, since_ms = excluded.since_ms, data = excluded.data, observed = excluded.observed, \
    version = CASE WHEN link.data = excluded.data AND link.shown = excluded.shown THEN link.version \
    ELSE excluded.version END, shown = excluded.shown";
/// Says that what readers see of a link changed.
pub const LINK_TOUCH: &str = "UPDATE link SET version = $4 WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads the transaction that last changed what readers see of each link.
pub const LINK_VERSIONS: &str = "SELECT finding, host, issue, version FROM link";
/// Removes a link.
pub const LINK_DROP: &str = "DELETE FROM link WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads the place of a link in the order of linking.
pub const LINK_SEQ: &str = "SELECT seq FROM link WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads the mapping table in order of linking; of one transaction, as it tells the time.
pub const LINKS_READ: &str = "\
    SELECT finding, host, issue, tracker, destination, kind, since_ms, data, observed FROM link \
    ORDER BY seq, since_ms, finding, host, issue";
/// Reads a link.
pub const LINK_READ: &str = "\
    SELECT finding, host, issue, tracker, destination, kind, since_ms, data, observed FROM link \
    WHERE finding = $1 AND host = $2 AND issue = $3";

/// Inserts an intent, or replaces one of an earlier attempt; touches no row when one of the same or a later attempt is there.
pub const INTENT_PUT: &str = "\
    INSERT INTO intent (finding, tracker, place, epoch, sent_ms, data) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (finding, tracker, place) DO UPDATE SET epoch = excluded.epoch, sent_ms = excluded.sent_ms, \
    data = excluded.data WHERE intent.epoch < excluded.epoch";
/// Says more of an attempt; touches no row of another attempt.
pub const INTENT_AMEND: &str = "\
    UPDATE intent SET sent_ms = $5, data = $6 WHERE finding = $1 AND tracker = $2 AND place = $3 AND epoch = $4";
/// Writes an intent that is there anew, whichever attempt it is.
pub const INTENT_ANEW: &str = "\
    UPDATE intent SET epoch = $4, sent_ms = $5, data = $6 WHERE finding = $1 AND tracker = $2 AND place = $3";
/// Removes an intent.
pub const INTENT_DROP: &str = "DELETE FROM intent WHERE finding = $1 AND tracker = $2 AND place = $3";
/// Reads the open intents.
pub const INTENTS_READ: &str = "\
    SELECT finding, tracker, place, epoch, sent_ms, data, '{}' FROM intent ORDER BY finding, tracker, place";
/// Reads an intent.
pub const INTENT_READ: &str = "\
    SELECT finding, tracker, place, epoch, sent_ms, data, '{}' FROM intent \
    WHERE finding = $1 AND tracker = $2 AND place = $3";

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
/// Removes a tombstone.
pub const TOMBSTONE_DROP: &str = "DELETE FROM tombstone WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads which tombstones a finding has.
pub const TOMBSTONES_OF: &str =
    "SELECT finding, host, issue FROM tombstone WHERE finding = $1 ORDER BY host, issue";
/// Reads the tombstones.
pub const TOMBSTONES_READ: &str =
    "SELECT finding, host, issue, at_ms, data, '{}' FROM tombstone ORDER BY finding, host, issue";
/// Reads a tombstone.
pub const TOMBSTONE_READ: &str = "\
    SELECT finding, host, issue, at_ms, data, '{}' FROM tombstone WHERE finding = $1 AND host = $2 AND issue = $3";

/// Inserts or replaces what became of a citation.
pub const CITATION_PUT: &str = "\
    INSERT INTO citation (finding, written, at_ms, data) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (finding, written) DO UPDATE SET at_ms = excluded.at_ms, data = excluded.data";
/// Reads what became of citations.
pub const CITATIONS_READ: &str =
    "SELECT finding, written, at_ms, data, '{}' FROM citation ORDER BY finding, written";
/// Reads what became of a citation.
pub const CITATION_READ: &str =
    "SELECT finding, written, at_ms, data, '{}' FROM citation WHERE finding = $1 AND written = $2";

/// Records a part that somebody had in a finding; touches no row when it is known.
pub const INVOLVEMENT_ADD: &str = "\
    INSERT INTO involvement (finding, episode, part, party, at_ms, data, seq) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (finding, episode, part, party) DO NOTHING";
/// Reads who had a part in which finding.
pub const INVOLVEMENT_READ: &str = "\
    SELECT finding, episode, part, party, at_ms, data, '{}' FROM involvement \
    ORDER BY finding, episode, seq, part, party";
/// Reads a part that somebody had.
pub const INVOLVEMENT_ONE: &str = "\
    SELECT finding, episode, part, party, at_ms, data, '{}' FROM involvement \
    WHERE finding = $1 AND episode = CAST($2 AS BIGINT) AND part = $3 AND party = $4";

/// Inserts or replaces a pinned place.
pub const PLACE_PUT: &str = "\
    INSERT INTO place (tracker, place, data, observed) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (tracker, place) DO UPDATE SET data = excluded.data, observed = excluded.observed";
/// Reads the pinned places.
pub const PLACES_READ: &str = "SELECT tracker, place, data, observed FROM place ORDER BY tracker, place";
/// Reads a pinned place.
pub const PLACE_READ: &str =
    "SELECT tracker, place, data, observed FROM place WHERE tracker = $1 AND place = $2";

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

/// Begins a note, or says one in other words that goes on since when it began.
pub const NOTE_PUT: &str = "\
    INSERT INTO note (subject, name, code, which, since_seq, since_ms, seq, until, data) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
    ON CONFLICT (subject, name, code, which) DO UPDATE SET seq = excluded.seq, until = excluded.until, \
    since_seq = CASE WHEN note.since_ms = excluded.since_ms THEN note.since_seq ELSE excluded.since_seq END, \
    since_ms = excluded.since_ms, data = excluded.data";
/// Ends a note.
pub const NOTE_DROP: &str = "DELETE FROM note WHERE subject = $1 AND name = $2 AND code = $3 AND which = $4";
/// Reads the notes that stand, the oldest first.
pub const NOTES_READ: &str =
    "SELECT subject, name, code, data FROM note ORDER BY since_seq, subject, name, code, which";

/// Inserts or replaces the record of a cycle.
pub const CYCLE_PUT: &str = "\
    INSERT INTO cycle (id, started_ms, seq, data) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (id) DO UPDATE SET started_ms = excluded.started_ms, seq = excluded.seq, data = excluded.data";
/// Removes all but the newest records of cycles, in the order in which they were recorded.
pub const CYCLES_DROP: &str = "\
    DELETE FROM cycle WHERE id NOT IN (SELECT id FROM cycle ORDER BY seq DESC, id DESC LIMIT $1)";
/// Reads the newest record of a cycle.
pub const CYCLE_READ: &str = "SELECT id, data FROM cycle ORDER BY seq DESC, id DESC LIMIT 1";

/// Counts a use of a credential.
pub const SPENT_ADD: &str = "\
    INSERT INTO allowance (credential, kind, at_ms, n) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (credential, kind, at_ms) DO UPDATE SET n = allowance.n + excluded.n";
/// Forgets uses before a time and after another.
pub const SPENT_DROP: &str = "DELETE FROM allowance WHERE at_ms < $1 OR at_ms > $2";
/// Reads what credentials were used for.
pub const SPENT_READ: &str =
    "SELECT credential, kind, at_ms, n FROM allowance ORDER BY credential, at_ms, kind";

/// Inserts or replaces what is known of a document.
pub const DOCUMENT_PUT: &str = "\
    INSERT INTO document (source, path, id, size, modified_ns, changed_ns, inode, digest, revision, class, coverage, data) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (source, path, id) DO UPDATE SET size = excluded.size, modified_ns = excluded.modified_ns, \
    changed_ns = excluded.changed_ns, inode = excluded.inode, digest = excluded.digest, revision = excluded.revision, \
    class = excluded.class, coverage = excluded.coverage, data = excluded.data";
/// Removes what is known of a document.
pub const DOCUMENT_DROP: &str = "DELETE FROM document WHERE source = $1 AND path = $2 AND id = $3";
/// Reads what is known of every document.
pub const DOCUMENTS_READ: &str = "\
    SELECT source, path, id, size, modified_ns, changed_ns, inode, digest, revision, data FROM document \
    ORDER BY source, path, id";

/// Reads the keys of findings that the history knows and the register has not, each by one look into the index.
pub const KEYS_LOST: &str = "\
    WITH RECURSIVE told (finding) AS ( \
    SELECT MIN(finding) FROM history \
    UNION ALL \
    SELECT (SELECT MIN(later.finding) FROM history AS later WHERE later.finding > told.finding) \
    FROM told WHERE told.finding IS NOT NULL) \
    SELECT told.finding FROM told LEFT JOIN finding ON finding.key = told.finding \
    WHERE told.finding IS NOT NULL AND finding.key IS NULL";

/// Inserts or replaces what a person approved.
pub const MAPPING_PUT: &str = "\
    INSERT INTO mapping (name, data) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = excluded.data";
/// Reads what a person approved.
pub const MAPPINGS_READ: &str = "SELECT name, data, '{}' FROM mapping ORDER BY name";
/// Reads what a person approved under a name.
pub const MAPPING_READ: &str = "SELECT name, data, '{}' FROM mapping WHERE name = $1";
/// Removes what nobody approved.
pub const MAPPING_DROP: &str = "DELETE FROM mapping WHERE name = $1";

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
/// Reads the newest entries but for one event, newest first.
pub const HISTORY_READ: &str =
    "SELECT seq, hash, data FROM history WHERE event <> $2 ORDER BY seq DESC LIMIT $1";
/// Reads the newest entries of a finding, newest first.
pub const HISTORY_READ_FINDING: &str =
    "SELECT seq, hash, data FROM history WHERE event <> $2 AND finding = $3 ORDER BY seq DESC LIMIT $1";
/// Reads the newest entries of a cycle but for one event, newest first.
pub const HISTORY_READ_CYCLE: &str =
    "SELECT seq, hash, data FROM history WHERE event <> $2 AND cycle = $3 ORDER BY seq DESC LIMIT $1";
/// Reads the newest entries of a finding in a cycle, newest first.
pub const HISTORY_READ_FINDING_CYCLE: &str = "\
    SELECT seq, hash, data FROM history WHERE event <> $2 AND finding = $3 AND cycle = $4 ORDER BY seq DESC LIMIT $1";
