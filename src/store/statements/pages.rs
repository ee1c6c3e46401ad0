//! Statements that read the register in parts: a page of findings, a page of links, and how much is left.

/// Each of them.
pub const ALL: &[&str] = &[
    STATE_COUNT,
    BY_KEY,
    BY_DUE,
    WITHOUT_DUE,
    LEFT_BY_KEY,
    LEFT_BY_DUE,
    LEFT_WITHOUT_DUE,
    DUE_OF,
    FINDINGS_PAGE,
    LINKS_BETWEEN,
    LINKS_PAGE,
    LINKS_LEFT,
    LINK_PLACE,
    REPEATED,
    LOOKED_AT,
    NOTES_PAGE,
];

/// Counts the findings in a state.
pub const STATE_COUNT: &str = "SELECT COUNT(*) FROM finding WHERE state = $1";
/// Reads the next keys of findings in a state.
pub const BY_KEY: &str = "SELECT key FROM finding WHERE state = $1 AND key > $2 ORDER BY key LIMIT $3";
/// Reads the next keys of findings in a state by their deadlines, up to one.
pub const BY_DUE: &str = "\
    SELECT due, key FROM finding WHERE state = $1 AND (due, key) > ($2, $3) AND due <= $4 ORDER BY due, key LIMIT $5";
/// Reads the next keys of findings in a state that have no deadline.
pub const WITHOUT_DUE: &str =
    "SELECT key FROM finding WHERE state = $1 AND due IS NULL AND key > $2 ORDER BY key LIMIT $3";
/// Counts the findings in a state after a key.
pub const LEFT_BY_KEY: &str = "SELECT COUNT(*) FROM finding WHERE state = $1 AND key > $2";
/// Counts the findings in a state after a deadline and a key, up to a deadline.
pub const LEFT_BY_DUE: &str =
    "SELECT COUNT(*) FROM finding WHERE state = $1 AND (due, key) > ($2, $3) AND due <= $4";
/// Counts the findings in a state that have no deadline, after a key.
pub const LEFT_WITHOUT_DUE: &str =
    "SELECT COUNT(*) FROM finding WHERE state = $1 AND due IS NULL AND key > $2";
/// Reads the deadline of a finding.
pub const DUE_OF: &str = "SELECT due FROM finding WHERE key = $1";
/// Reads the findings after a key.
pub const FINDINGS_PAGE: &str =
    "SELECT key, data, observed FROM finding WHERE key > $1 ORDER BY key LIMIT $2";
/// Reads the links of the findings after one, up to another.
pub const LINKS_BETWEEN: &str = "\
    SELECT finding, host, issue, data, observed FROM link WHERE finding > $1 AND finding <= $2 \
    ORDER BY finding, seq, since_ms, host, issue";
/// Reads the links after one in the order of linking.
pub const LINKS_PAGE: &str = "\
    SELECT finding, host, issue, seq, since_ms, data, observed FROM link \
    WHERE (seq, since_ms, finding, host, issue) > ($1, $2, $3, $4, $5) \
    ORDER BY seq, since_ms, finding, host, issue LIMIT $6";
/// Counts the links after one in the order of linking.
pub const LINKS_LEFT: &str = "\
    SELECT COUNT(*) FROM link WHERE (seq, since_ms, finding, host, issue) > ($1, $2, $3, $4, $5)";
/// Reads where a link stands in the order of linking.
pub const LINK_PLACE: &str = "SELECT seq, since_ms FROM link WHERE finding = $1 AND host = $2 AND issue = $3";
/// Reads the findings that ask for the same as another.
pub const REPEATED: &str = "\
    SELECT key FROM finding WHERE alike IN ( \
    SELECT alike FROM finding WHERE alike <> '' GROUP BY alike HAVING COUNT(*) > 1)";
/// Reads the oldest look at a finding that is linked in a tracker, of those about which nothing was written since.
///
/// Each look is held against the few links of its finding, never against all of the tracker: the concatenation keeps that index out.
pub const LOOKED_AT: &str = "\
    SELECT reading.finding, reading.data FROM reading WHERE reading.data <> '' AND EXISTS ( \
    SELECT 1 FROM link WHERE link.finding = reading.finding AND link.tracker || '' = $1) \
    ORDER BY reading.at_ms, reading.finding LIMIT 1";
/// Reads the next notes of a kind.
pub const NOTES_PAGE: &str = "\
    SELECT data FROM note WHERE code = $1 AND (subject, name, which) > ($2, $3, $4) \
    ORDER BY subject, name, which LIMIT $5";
