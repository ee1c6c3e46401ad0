//! The marker: how an issue of ours is recognised without a word of the finding in it.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::model::ids::{FindingKey, Host, InstanceName, Marker};

/// How many bytes of the digest are kept: 160 bits cannot be guessed and fit a Jira label.
const KEPT: usize = 20;

/// `pm1-` and base32 of HMAC-SHA-256 over instance, finding and destination (I1). Stable for a destination whatever
/// it is called, because it takes the place's numeric id.
pub fn marker(
    key: &[u8],
    instance: &InstanceName,
    finding: &FindingKey,
    host: &Host,
    place_id: &str,
) -> Marker {
    // HMAC takes a key of any length; the error type of the constructor is for other algorithms.
    let digest = Hmac::<Sha256>::new_from_slice(key).map(|mut mac| {
        for part in [instance.as_str(), finding.as_str(), host.as_str(), place_id] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes()
    });
    let bytes =
        digest.map(|digest| digest.iter().take(KEPT).copied().collect::<Vec<u8>>()).unwrap_or_default();
    Marker::new(format!("pm1-{}", BASE32_NOPAD.encode(&bytes).to_lowercase()))
}
