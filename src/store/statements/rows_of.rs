//! Statements that read the rows of one finding, each answered by an index.

/// Each of them.
pub const ALL: &[&str] = &[
    LINKS,
    LINK_MARKS,
    SHARING,
    INTENTS,
    EDITS,
    TOMBSTONES,
    CITATIONS,
    INVOLVEMENT,
    READING,
    ISSUE,
    DOCUMENTS,
    NOTES,
    NOTES_BELOW,
    NOTES_ABOVE,
    TOLD,
];

/// Reads the links of a finding.
pub const LINKS: &str = "\
    SELECT finding, host, issue, tracker, destination, kind, since_ms, data, observed FROM link \
    WHERE finding = $1 ORDER BY host, issue";
/// Reads which issues a finding is linked with, each with the transaction that last changed what readers see of the link, and its
/// place in the order of linking.
pub const LINK_MARKS: &str = "SELECT host, issue, version, seq FROM link WHERE finding = $1";
/// Reads which findings are linked with an issue.
pub const SHARING: &str = "SELECT finding FROM link WHERE host = $1 AND issue = $2";
/// Reads the open intents of a finding.
pub const INTENTS: &str = "\
    SELECT finding, tracker, place, epoch, sent_ms, data, '{}' FROM intent WHERE finding = $1 ORDER BY tracker, place";
/// Reads the edits of a finding whose outcome is not recorded.
pub const EDITS: &str =
    "SELECT finding, host, issue, data FROM edit_intent WHERE finding = $1 ORDER BY host, issue";
/// Reads the tombstones of a finding.
pub const TOMBSTONES: &str = "\
    SELECT finding, host, issue, at_ms, data, '{}' FROM tombstone WHERE finding = $1 ORDER BY host, issue";
/// Reads what became of the citations of a finding.
pub const CITATIONS: &str =
    "SELECT finding, written, at_ms, data, '{}' FROM citation WHERE finding = $1 ORDER BY written";
/// Reads who had a part in a finding.
pub const INVOLVEMENT: &str = "\
    SELECT finding, episode, part, party, at_ms, data, '{}' FROM involvement WHERE finding = $1 \
    ORDER BY episode, seq, part, party";
/// Reads when a finding was looked at about which nothing was written since.
pub const READING: &str = "SELECT finding, data FROM reading WHERE finding = $1 AND data <> ''";
/// Reads how new our last knowledge of an issue is.
pub const ISSUE: &str = "SELECT host, issue, data FROM issue WHERE host = $1 AND issue = $2";
/// Reads what is known of the write-ups at a path of a source.
pub const DOCUMENTS: &str = "\
    SELECT source, path, id, size, modified_ns, changed_ns, inode, digest, revision, data FROM document \
    WHERE source = $1 AND path = $2 ORDER BY id";
/// Reads the notes that stand of one subject.
pub const NOTES: &str = "\
    SELECT since_seq, subject, name, code, which, data FROM note WHERE subject = $1 AND name = $2";
/// Reads the notes that stand of subjects of the kinds before one.
pub const NOTES_BELOW: &str =
    "SELECT since_seq, subject, name, code, which, data FROM note WHERE subject < $1";
/// Reads the notes that stand of subjects of the kinds after one.
pub const NOTES_ABOVE: &str =
    "SELECT since_seq, subject, name, code, which, data FROM note WHERE subject > $1";
/// Reads whether the history knows a finding.
pub const TOLD: &str = "SELECT finding FROM history WHERE finding = $1 LIMIT 1";
