//! Statements about what findings are called.

/// Each of them.
pub const ALL: &[&str] = &[NAME_ADD, OF_CASE, OF_FINDINGS, OF_WRITE_UPS, ALIKE, NAMES_AFTER];

/// Remembers a name of a finding, or of the findings of a write-up.
pub const NAME_ADD: &str = "\
    INSERT INTO called (name, finding, write_up) VALUES ($1, $2, $3) ON CONFLICT (name, finding, write_up) DO NOTHING";
/// Reads which findings have a key, whatever the case of its letters.
pub const OF_CASE: &str = "SELECT key FROM finding WHERE LOWER(key) = $1";
/// Reads which findings are or were called so.
pub const OF_FINDINGS: &str = "SELECT finding FROM called WHERE name = $1 AND finding <> ''";
/// Reads which findings are of a write-up that is or was called so.
pub const OF_WRITE_UPS: &str = "\
    SELECT finding.key FROM called JOIN finding ON finding.postmortem = called.write_up \
    WHERE called.name = $1 AND called.write_up <> ''";
/// Reads which findings ask for the same.
pub const ALIKE: &str = "SELECT key FROM finding WHERE alike = $1 ORDER BY key";
/// Reads write-ups and keys after one, as many as are asked for.
pub const NAMES_AFTER: &str = "\
    SELECT postmortem, key FROM finding WHERE (postmortem, key) > ($1, $2) ORDER BY postmortem, key LIMIT $3";
