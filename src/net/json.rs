//! The body of an answer as what it should be.

use serde::de::DeserializeOwned;

use super::NetError;

/// Reads a body; `what` says what was asked. The body itself never enters the error.
///
/// # Errors
/// [`NetError::Malformed`].
pub fn parse<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, NetError> {
    serde_json::from_slice(body).map_err(|error| NetError::Malformed {
        why: format!(
            "{what}: not the expected JSON ({:?} error at line {}, column {})",
            error.classify(),
            error.line(),
            error.column()
        ),
    })
}
