//! What a document leaves open: class and kind of work, from vocabulary. Always marked as inferred.

use crate::model::terms::{Class, Kind, Work};

/// Words that hint at a class, in order of strength; all lower case.
const CLASS_WORDS: &[(Class, &[&str])] = &[
    (
        Class::CommunicationGlitch,
        &[
            "communicat",
            "notify stakeholders",
            "announce",
            "status page",
            "inform customers",
            "escalation path",
        ],
    ),
    (
        Class::ProceduralFailure,
        &[
            "runbook",
            "procedure",
            "playbook",
            "checklist",
            "document how",
            "documentation",
            "standard operating",
        ],
    ),
    (
        Class::ProcessFlaw,
        &[
            "process",
            "policy",
            "review cadence",
            "change management",
            "on-call",
            "training",
            "post-mortem",
            "postmortem",
        ],
    ),
    (Class::ManualError, &["typo", "by hand", "manual step", "human error"]),
];

/// The class that a title suggests; a technical lapse when nothing does.
pub fn class(title: &str) -> Class {
    let title = title.to_lowercase();
    CLASS_WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|word| title.contains(word)))
        .map_or(Class::TechnicalLapse, |(class, _)| *class)
}

/// A repair is a bug; everything else is a change request (`design.md` 10).
pub fn work(kind: Option<Kind>) -> Work {
    match kind {
        Some(Kind::Repair) => Work::Bug,
        Some(Kind::Prevent | Kind::Detect | Kind::Mitigate | Kind::Investigate | Kind::Process) | None => {
            Work::ChangeRequest
        }
    }
}
