//! Statements about what was read when and is looked at next, what searches for our markers showed, and how much there is.

/// Each of them.
pub const ALL: &[&str] = &[
    READING_PUT,
    READINGS_READ,
    DUE,
    FOLLOWERS_IN,
    OF_WRITE_UP,
    FINDINGS_COUNT,
    CREATED_COUNT,
    LINKED_COUNT,
    KEPT_COUNT,
    NOTES_COUNT,
    WHEREABOUTS_READ,
    ENDED_READ,
    FOLLOWED_PUT,
    FOLLOWED_READ,
    READING_BACK,
    STOOD_PUT,
    STOOD_ON,
    STOOD_READ,
    MARKED_PUT,
    MARKED_DROP,
    MARKED_OF,
    WATERMARK_PUT,
    WATERMARK_DROP,
    WATERMARKS_READ,
];

/// Inserts or replaces when a finding was looked at.
pub const READING_PUT: &str = "\
    INSERT INTO reading (finding, due_ms, at_ms, scope, data) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (finding) DO UPDATE SET due_ms = excluded.due_ms, at_ms = excluded.at_ms, scope = excluded.scope, \
    data = excluded.data";
/// Reads when findings were looked at about which nothing was written since.
pub const READINGS_READ: &str = "SELECT finding, data FROM reading WHERE data <> '' ORDER BY finding";
/// Reads the findings whose next look is due at an instant: by the clock, because a look is of a time to come, or because it
/// held for another scope.
pub const DUE: &str = "\
    SELECT finding FROM reading WHERE due_ms <= $1 UNION SELECT finding FROM reading WHERE at_ms > $1 \
    UNION SELECT finding FROM reading WHERE scope < $2 UNION SELECT finding FROM reading WHERE scope > $2";
/// Reads the findings that follow issues in a place of a tracker.
pub const FOLLOWERS_IN: &str = "SELECT finding FROM link WHERE tracker = $1 AND place = $2";
/// Reads which findings are of a write-up.
pub const OF_WRITE_UP: &str = "SELECT key FROM finding WHERE postmortem = $1";
/// Counts findings.
pub const FINDINGS_COUNT: &str = "SELECT COUNT(*) FROM finding";
/// Counts the findings that an issue of ours follows.
pub const CREATED_COUNT: &str = "SELECT COUNT(DISTINCT finding) FROM link WHERE kind = 'created'";
/// Counts the findings that any issue follows.
pub const LINKED_COUNT: &str = "SELECT COUNT(DISTINCT finding) FROM link";
/// Counts the findings with a note of a kind.
pub const KEPT_COUNT: &str = "SELECT COUNT(DISTINCT name) FROM note WHERE code = $1 AND subject = 'finding'";
/// Counts the notes of each kind.
pub const NOTES_COUNT: &str = "SELECT code, COUNT(*) FROM note GROUP BY code ORDER BY code";
/// Reads how many links lead to issues in each place.
pub const WHEREABOUTS_READ: &str = "\
    SELECT tracker, host, place, place_id, kind, links FROM whereabouts ORDER BY tracker, host, place, place_id, kind";
/// Reads the links that ended since an instant.
pub const ENDED_READ: &str = "\
    SELECT finding, host, issue, data FROM tombstone WHERE at_ms >= $1 ORDER BY at_ms, finding, host, issue";
/// Inserts or replaces up to when a tracker's lists of changes were followed.
pub const FOLLOWED_PUT: &str = "\
    INSERT INTO followed (tracker, data) VALUES ($1, $2) ON CONFLICT (tracker) DO UPDATE SET data = excluded.data";
/// Takes back that a finding was looked at.
pub const READING_BACK: &str = "UPDATE reading SET due_ms = 0, data = '' WHERE finding = $1";
/// Reads up to when trackers' lists of changes were followed.
pub const FOLLOWED_READ: &str = "SELECT tracker, data FROM followed ORDER BY tracker";
/// Says that documents were taken in.
pub const STOOD_PUT: &str = "\
    INSERT INTO stood (id, version, scope) VALUES (1, $1, $2) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, scope = excluded.scope";
/// Says that a transaction, after the one before it, recorded nothing that documents are held against.
pub const STOOD_ON: &str = "UPDATE stood SET version = $1 WHERE version = $2";
/// Reads what documents came to.
pub const STOOD_READ: &str = "SELECT version, scope FROM stood";

/// Inserts or replaces an issue that carries a marker.
pub const MARKED_PUT: &str = "\
    INSERT INTO marked (tracker, place, marker, issue, data) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (tracker, place, marker, issue) DO UPDATE SET data = excluded.data";
/// Removes the issues of a place.
pub const MARKED_DROP: &str = "DELETE FROM marked WHERE tracker = $1 AND place = $2";
/// Reads the issues of a place that carry a marker.
pub const MARKED_OF: &str = "\
    SELECT tracker, place, marker, issue, data FROM marked WHERE tracker = $1 AND place = $2 AND marker = $3 \
    ORDER BY issue";
/// Inserts or replaces until when the markers of a place are known.
pub const WATERMARK_PUT: &str = "\
    INSERT INTO watermark (tracker, place, data) VALUES ($1, $2, $3) \
    ON CONFLICT (tracker, place) DO UPDATE SET data = excluded.data";
/// Removes until when the markers of a place are known.
pub const WATERMARK_DROP: &str = "DELETE FROM watermark WHERE tracker = $1 AND place = $2";
/// Reads until when the markers of places are known.
pub const WATERMARKS_READ: &str = "SELECT tracker, place, data FROM watermark ORDER BY tracker, place";
