//! Statements about the last stamps of rows, which stand together by finding.

/// Each of them.
pub const ALL: &[&str] = &[
    STAMP_PUT,
    STAMP_DROP,
    STAMPS_DROP,
    STAMP_READ,
    STAMPS_READ,
    STAMPS_OF,
    STAMPS_AT,
    SUM_PUT,
    SUM_READ,
    SUMS_READ,
    SUMS_DROP,
    STAMPED_LAST,
    STAMPED_NEXT,
];

/// Inserts or replaces what the history last said of a row.
pub const STAMP_PUT: &str = "\
    INSERT INTO stamp (bucket, kind, key, seq, digest) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (bucket, kind, key) DO UPDATE SET seq = excluded.seq, digest = excluded.digest";
/// Removes what the history last said of a row that is gone.
pub const STAMP_DROP: &str = "DELETE FROM stamp WHERE bucket = $1 AND kind = $2 AND key = $3";
/// Removes all of that, to be written anew from the history.
pub const STAMPS_DROP: &str = "DELETE FROM stamp";
/// Reads what the history last said of a row.
pub const STAMP_READ: &str = "SELECT digest FROM stamp WHERE bucket = $1 AND kind = $2 AND key = $3";
/// Reads what the history last said of every row.
pub const STAMPS_READ: &str = "SELECT kind, key, digest FROM stamp";
/// Reads what the history last said of the rows of a bucket.
pub const STAMPS_OF: &str = "SELECT kind, key, digest FROM stamp WHERE bucket = $1";
/// Reads what the history last said of the rows of a table whose keys stand between two.
pub const STAMPS_AT: &str =
    "SELECT kind, key, digest FROM stamp WHERE bucket = $1 AND kind = $2 AND key >= $3 AND key < $4";
/// Replaces the sum over a bucket.
pub const SUM_PUT: &str = "\
    INSERT INTO stamp_sum (bucket, sum) VALUES ($1, $2) ON CONFLICT (bucket) DO UPDATE SET sum = excluded.sum";
/// Reads the sum over a bucket.
pub const SUM_READ: &str = "SELECT sum FROM stamp_sum WHERE bucket = $1";
/// Reads the sums over all buckets.
pub const SUMS_READ: &str = "SELECT bucket, sum FROM stamp_sum";
/// Removes the sums, to be made anew.
pub const SUMS_DROP: &str = "DELETE FROM stamp_sum";
/// Reads the number of the last entry that stamps rows.
pub const STAMPED_LAST: &str = "SELECT seq FROM history WHERE event = 'stamped' ORDER BY seq DESC LIMIT 1";
/// Reads the next entry that stamps rows, from a number on.
pub const STAMPED_NEXT: &str =
    "SELECT seq, data FROM history WHERE event = 'stamped' AND seq >= $1 ORDER BY seq LIMIT 1";
