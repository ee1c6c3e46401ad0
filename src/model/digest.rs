//! Digests of text, to tell whether a person changed what we wrote.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// SHA-256 in hexadecimal of a text, blind to line endings and surrounding blank space, which trackers normalise.
pub fn of_text(text: &str) -> String {
    let unified = text.replace("\r\n", "\n");
    HEXLOWER.encode(&Sha256::digest(unified.trim().as_bytes()))
}
