//! Three-way merge of one shared field against what both sides last agreed on.
//!
//! Each side is compared with its own half of the baseline, never with the other side: that is what tells
//! "a person unassigned it" from "it was never assigned".

use crate::model::link::Agreed;

/// What to do with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Neither side moved.
    Same,
    /// Both sides mean the same: only the baseline is stale.
    Agreed,
    /// The finding moved: its value goes to the issue.
    ToIssue,
    /// The issue moved: its value goes to the finding.
    ToFinding,
    /// Both sides moved, apart.
    Conflict,
    /// They differ and nothing was ever agreed: never an overwrite.
    Unsettled,
}

/// Merges one field.
///
/// `alike` says whether the tracker would show both values the same way; `unset` whether a value says nothing.
///
/// | baseline | finding | issue | | result |
/// |---|---|---|---|---|
/// | yes | same | same | | `Same` |
/// | yes | moved | same | alike | `Agreed` |
/// | yes | moved | same | apart | `ToIssue` |
/// | yes | same | moved | equal | `Agreed` |
/// | yes | same | moved | | `ToFinding` |
/// | yes | moved | moved | alike | `Agreed` |
/// | yes | moved | moved | apart | `Conflict` |
/// | none | | | alike | `Agreed` |
/// | none | unset | set | | `ToFinding` |
/// | none | set | unset | | `ToIssue` |
/// | none | set | set | apart | `Unsettled` |
pub fn merge<T: PartialEq>(
    baseline: Option<&Agreed<T>>,
    finding: &T,
    issue: &T,
    alike: impl Fn(&T, &T) -> bool,
    unset: impl Fn(&T) -> bool,
) -> Merge {
    let alike = alike(finding, issue);
    let Some(agreed) = baseline else {
        return match (alike, unset(finding), unset(issue)) {
            (true, _, _) => Merge::Agreed,
            (false, true, _) => Merge::ToFinding,
            (false, false, true) => Merge::ToIssue,
            (false, false, false) => Merge::Unsettled,
        };
    };
    match (*finding != agreed.finding, *issue != agreed.issue) {
        (false, false) => Merge::Same,
        (true, _) if alike => Merge::Agreed,
        (true, false) => Merge::ToIssue,
        // Being shown the same way is not enough here: an issue that moved away and back says something new.
        (false, true) if finding == issue => Merge::Agreed,
        (false, true) => Merge::ToFinding,
        (true, true) => Merge::Conflict,
    }
}
