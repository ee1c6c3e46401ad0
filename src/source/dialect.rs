//! How the documents of one source are written: its conventions, and every word it knows.

use std::sync::Arc;

use super::{date::Orders, words::Vocabulary};
use crate::model::conventions::Conventions;

/// Conventions and words of a source; made once and used for all its documents.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    /// What short forms mean.
    pub(super) conventions: Conventions,
    /// What words mean: those that are built in and those of the source.
    pub(super) words: Arc<Vocabulary>,
    /// In which order the document that is read writes the numbers of its dates.
    pub(super) orders: Orders,
}

impl Dialect {
    /// The dialect of a source with such conventions.
    pub(super) fn of(conventions: &Conventions) -> Self {
        Self {
            conventions: conventions.clone(),
            words: Vocabulary::with(&conventions.words, &conventions.columns),
            orders: Orders::default(),
        }
    }

    /// The dialect of one document: with what its own dates prove.
    pub(super) fn in_document(&self, text: &str) -> Self {
        Self { orders: Orders::of(text), ..self.clone() }
    }
}
