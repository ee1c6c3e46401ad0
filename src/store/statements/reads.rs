//! Statements about what was read when, and what searches for our markers showed.

/// Each of them.
pub const ALL: &[&str] = &[
    READING_PUT,
    READINGS_READ,
    FOLLOWED_PUT,
    FOLLOWED_READ,
    MARKED_PUT,
    MARKED_DROP,
    MARKED_OF,
    WATERMARK_PUT,
    WATERMARK_DROP,
    WATERMARKS_READ,
];

/// Inserts or replaces when a finding was looked at.
pub const READING_PUT: &str = "\
    INSERT INTO reading (finding, data) VALUES ($1, $2) ON CONFLICT (finding) DO UPDATE SET data = excluded.data";
/// Reads when findings were looked at.
pub const READINGS_READ: &str = "SELECT finding, data FROM reading ORDER BY finding";
/// Inserts or replaces up to when a tracker's lists of changes were followed.
pub const FOLLOWED_PUT: &str = "\
    INSERT INTO followed (tracker, data) VALUES ($1, $2) ON CONFLICT (tracker) DO UPDATE SET data = excluded.data";
/// Reads up to when trackers' lists of changes were followed.
pub const FOLLOWED_READ: &str = "SELECT tracker, data FROM followed ORDER BY tracker";

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
