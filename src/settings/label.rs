//! Labels: what trackers take as one, and that ours differ.

use super::{
    file::main::{LabelsEntry, MainFile},
    known::Known,
    reading::Reading,
};
use crate::model::issue::TrackerKind;

/// The labels that we own on every issue of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// On every issue we create.
    pub general: String,
    /// While the finding is past its deadline.
    pub overdue: String,
    /// While a waiver is in force.
    pub risk_accepted: String,
    /// Once a reviewer verified it.
    pub verified: String,
}

/// Reads the labels that we own.
pub(super) fn labels(page: &mut Reading, file: &MainFile, known: &Known) -> Option<Labels> {
    let general = page.part("/label", &file.label);
    let LabelsEntry { overdue, risk_accepted, verified } = page.part("/labels", &file.labels)?;
    let all = [
        ("/label", general?),
        ("/labels/overdue", overdue),
        ("/labels/risk_accepted", risk_accepted),
        ("/labels/verified", verified),
    ];
    for (n, (at, label)) in all.iter().enumerate() {
        for kind in known.kinds() {
            check(page, at, kind, label);
        }
        let same = |(_, other): &&(&str, &String)| other.to_lowercase() == label.to_lowercase();
        if let Some((other, _)) = all.iter().take(n).find(same) {
            let other = other.trim_start_matches('/').replace('/', ".");
            let message = format!("`{label}` is the label of `{other}` as well");
            page.error(at, "label", message, Some("give each its own label".to_owned()));
        }
    }
    Some(Labels {
        general: general?.clone(),
        overdue: overdue.clone(),
        risk_accepted: risk_accepted.clone(),
        verified: verified.clone(),
    })
}

/// Notices a label that a kind of tracker does not take: Jira's have no blanks and 255 characters at most, as its refusals say.
pub(super) fn check(page: &mut Reading, at: &str, kind: TrackerKind, label: &str) {
    let (longest, spaces) = match kind {
        TrackerKind::Github => (50, true),
        TrackerKind::JiraCloud | TrackerKind::JiraDataCenter => (255, false),
    };
    let why = if label.trim().is_empty() || label.trim() != label {
        "is empty or has blanks around it"
    } else if label.chars().any(char::is_control) {
        "has control characters"
    } else if label.chars().count() > longest {
        "is too long"
    } else if !spaces && label.contains(char::is_whitespace) {
        "has a space, which Jira refuses"
    } else {
        return;
    };
    let help = format!("write it like `{}`", label.trim().replace(char::is_whitespace, "-"));
    let message = format!("the label `{label}` {why}");
    page.error(at, "label", message, Some(help).filter(|_| why.contains("space")));
}
