//! What reading the documents brought up, as it may be shown in reports.
//!
//! Knows the classes of write-ups. Must not know how any of them was read.

use std::collections::BTreeMap;

use super::gather::Gathered;
use crate::model::{
    postmortem::{Diagnostic, Document, Postmortem},
    terms::Tlp,
};

impl Gathered {
    /// Everything that reading the documents brought up, without the words of those that are stricter than AMBER: it is
    /// shown in reports, which withhold by finding and not by remark.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let before = self.register.last_cycle.iter().filter(|_| self.is_part);
        let documents = || self.listings.iter().filter_map(|listing| listing.documents.known()).flatten();
        let strict: BTreeMap<&str, Tlp> = documents()
            .filter_map(|document| Some((document.path.as_str(), strictest(document.postmortem.known()?))))
            .filter(|(_, tlp)| *tlp > Tlp::Amber)
            .collect();
        // A remark may name its document otherwise than by its path: an issue by its key.
        let of_document = |document: &Document| -> Vec<Diagnostic> {
            let tlp = document.postmortem.known().map(strictest).filter(|tlp| *tlp > Tlp::Amber);
            document.diagnostics.iter().map(|noted| withheld(noted, tlp)).collect()
        };
        let mut all: Vec<Diagnostic> = documents().flat_map(of_document).collect();
        let across = self.intake.diagnostics.iter();
        all.extend(across.map(|noted| withheld(noted, strict.get(noted.path.as_str()).copied())));
        let is_read = |noted: &&Diagnostic| {
            documents().any(|document| document.path == noted.path)
                || self
                    .register
                    .documents
                    .values()
                    .any(|known| known.key.path == noted.path && known.state.gone.is_none())
        };
        all.extend(before.flat_map(|last| &last.diagnostics).filter(|noted| !is_read(noted)).cloned());
        all.sort();
        all
    }
}

/// A remark without the words of a write-up of a class that is not to be shown.
fn withheld(noted: &Diagnostic, tlp: Option<Tlp>) -> Diagnostic {
    match tlp.filter(|_| noted.code != "unknown_tlp") {
        None => noted.clone(),
        Some(tlp) => Diagnostic {
            message: format!("a remark on a write-up that is TLP:{tlp}; `intake scan` tells it"),
            help: None,
            ..noted.clone()
        },
    }
}

/// The strictest class of anything in a write-up.
fn strictest(postmortem: &Postmortem) -> Tlp {
    let own = postmortem.findings.iter().filter_map(|finding| finding.marked);
    let asked = postmortem.candidates.iter().filter_map(|candidate| candidate.marked);
    own.chain(asked).map(|mark| mark.tlp).fold(postmortem.tlp, Tlp::max)
}
