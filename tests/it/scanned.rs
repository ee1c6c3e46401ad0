//! Documents as a source without conventions of its own reads them.

use postmortem_sync::{
    model::{
        conventions::Conventions,
        ids::SourceName,
        postmortem::{Document, Postmortem},
    },
    source::read_bytes,
};

pub(crate) fn scanned(path: &str, text: &str) -> Document {
    read_bytes(&SourceName::from("here"), path, text.as_bytes(), &Conventions::default())
}

pub(crate) fn post(document: &Document) -> &Postmortem {
    document.postmortem.known().unwrap_or_else(|| panic!("{:?}", document.diagnostics))
}
