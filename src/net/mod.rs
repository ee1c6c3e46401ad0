//! Talking to somebody else's server over HTTP: the port, its pace and its limits, for trackers and for sources alike.
//!
//! Knows requests, credentials, pauses and bounds. Knows no tracker and no wiki: what a path or an answer means belongs to
//! whoever asks. Nothing here waits, and nothing is sent anywhere but to the address that was configured.

pub mod advice;
pub mod allowance;
pub mod bounds;
pub mod breaker;
mod bucket;
pub mod connecting;
pub mod error;
pub mod foreign;
pub mod http;
pub mod json;
pub mod limits;
pub mod pace;
pub mod query;
pub mod seraph;
pub mod skew;
pub mod spoken;
pub mod transport;

pub use error::NetError;
