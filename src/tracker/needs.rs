//! What a create would miss in a place: asked before anything is created, for whoever checks a configuration.
//!
//! Nothing is decided by it: a create finds out by itself, and says so.

/// Something that is not as a create wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// What, in a sentence without its full stop.
    pub what: String,
    /// Whether nothing can be created because of it; else issues are created without it.
    pub stops: bool,
}

impl Lack {
    /// What keeps everything from being created.
    pub(super) fn stopping(what: impl Into<String>) -> Self {
        Self { what: what.into(), stops: true }
    }

    /// What issues do without.
    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self { what: what.into(), stops: false }
    }
}
