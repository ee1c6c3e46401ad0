//! The class of a finding by a reviewer's word: a mark that was misread, or one that its document no longer shows.
//!
//! Knows who may make a finding laxer. Knows nothing of documents.

use super::{
    act::Act,
    refusal::Refusal,
    roles::{self, Verb},
    step::Step,
};
use crate::model::{
    finding::{Finding, Ruled},
    terms::Tlp,
};

/// Gives a finding a class; it holds until its document becomes stricter than it is now.
///
/// # Errors
/// They may not decide it: to make a finding laxer takes a reviewer of the people directory. Or nothing would change.
pub fn give(finding: &Finding, act: Act<'_>, tlp: Tlp, reason: Option<&str>) -> Result<Step, Refusal> {
    if tlp < finding.stated.tlp {
        roles::may(Verb::MakeLaxer, finding, act)?;
    } else {
        roles::may(Verb::Classify, finding, act)?;
    }
    let read = finding.read_tlp();
    let ruled = Some(Ruled { tlp, read });
    if finding.told.tlp == ruled || (tlp == finding.stated.tlp && finding.laxer().is_none()) {
        return Err(Refusal::SameTlp(tlp));
    }
    let mut after = act.changed(finding);
    after.told.tlp = ruled;
    after.stated.tlp = tlp;
    after.stated.read_tlp = (read != tlp).then_some(read);
    let said = format!("classified by {}; its document says TLP:{read}", act.by);
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    Ok(Step {
        event: "finding_classified",
        field: "tlp",
        before: Some(finding.stated.tlp.to_string()),
        after: Some(tlp.to_string()),
        why: reason.map_or_else(|| said.clone(), |reason| format!("{said}: {reason}")),
        finding: after,
        parts: Vec::new(),
    })
}
