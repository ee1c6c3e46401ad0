//! A part of a register: some findings, with what lists and reports say of each. Must not know how it is read.

use super::{
    finding::Finding, ids::FindingKey, involvement::Involvement, link::Link, misfit::Misfit,
    register::Register,
};

/// Some findings of a register, with what belongs to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The findings, in the order that was asked for.
    pub findings: Vec<Finding>,
    /// Their links, by the keys of findings; those of one finding in order of linking.
    pub links: Vec<Link>,
    /// Who had a part in those that wait for verification, by the keys of findings.
    pub parts: Vec<Involvement>,
    /// Rows that were met and are not as the history says; nothing above holds any of them.
    pub misfits: Vec<Misfit>,
    /// The last finding that was met, whether or not it fits; none where nothing was left.
    pub last: Option<FindingKey>,
}

impl Page {
    /// A register of few findings as one page.
    pub fn of(register: &Register) -> Self {
        let mut links = register.links.clone();
        links.sort_by(|link, other| link.finding.cmp(&other.finding));
        Self {
            findings: register.findings.values().cloned().collect(),
            links,
            parts: register.involvement.values().flatten().cloned().collect(),
            misfits: register.misfits.clone(),
            last: register.findings.keys().next_back().cloned(),
        }
    }

    /// The links of a finding.
    pub fn links_of(&self, finding: &FindingKey) -> &[Link] {
        of(&self.links, finding, |link| &link.finding)
    }

    /// Who had a part in a finding that waits for verification.
    pub fn parts_of(&self, finding: &FindingKey) -> &[Involvement] {
        of(&self.parts, finding, |part| &part.finding)
    }
}

/// What is of one finding among rows that stand by findings.
fn of<'a, T>(rows: &'a [T], finding: &FindingKey, whose: impl Fn(&T) -> &FindingKey) -> &'a [T] {
    let from = rows.partition_point(|row| whose(row) < finding);
    let rest = rows.get(from..).unwrap_or_default();
    let n = rest.partition_point(|row| whose(row) == finding);
    rest.get(..n).unwrap_or_default()
}
