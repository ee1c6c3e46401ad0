//! How the documents of one source are written: its conventions, and every word it knows.

use std::sync::Arc;

use super::words::Vocabulary;
use crate::model::conventions::Conventions;

/// Conventions and words of a source; made once and used for all its documents.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    /// What short forms mean.
    pub(super) conventions: Conventions,
    /// What words mean: those that are built in and those of the source.
    pub(super) words: Arc<Vocabulary>,
}

impl Dialect {
    /// The dialect of a source with such conventions.
    pub(super) fn of(conventions: &Conventions) -> Self {
        Self {
            conventions: conventions.clone(),
            words: Vocabulary::with(&conventions.words, &conventions.columns),
        }
    }
}
