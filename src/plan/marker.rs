//! The marker: how an issue of ours is recognised without a word of the finding in it.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::model::ids::{FindingKey, Host, InstanceName, Marker};

/// How many bytes of the digest are kept: 160 bits cannot be guessed and fit a Jira label.
const KEPT: usize = 20;

/// The id of the word that a decision leaves for the issues of a finding: the same whenever it is told, and nothing to
/// anybody who has not the key.
pub fn word(key: &[u8], instance: &InstanceName, finding: &FindingKey, decided: DateTime<Utc>) -> String {
    let decided = decided.timestamp_millis().to_string();
    digest(key, &["word", instance.as_str(), finding.as_str(), &decided])
}

/// `pm1-` and base32 of HMAC-SHA-256 over instance, finding and destination (invariant 7). Stable for a destination whatever
/// it is called, because it takes the place's numeric id.
pub fn marker(
    key: &[u8],
    instance: &InstanceName,
    finding: &FindingKey,
    host: &Host,
    place_id: &str,
) -> Marker {
    let parts = [instance.as_str(), finding.as_str(), host.as_str(), place_id];
    Marker::new(format!("pm1-{}", digest(key, &parts)))
}

fn digest(key: &[u8], parts: &[&str]) -> String {
    // HMAC takes a key of any length; the error type of the constructor is for other algorithms.
    let digest = Hmac::<Sha256>::new_from_slice(key).map(|mut mac| {
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes()
    });
    let bytes =
        digest.map(|digest| digest.iter().take(KEPT).copied().collect::<Vec<u8>>()).unwrap_or_default();
    BASE32_NOPAD.encode(&bytes).to_lowercase()
}
