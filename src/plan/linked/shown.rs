//! What an answer showed of an issue, and what it did not: a field that is not there is unknown, never empty.

use crate::{
    model::{
        cycle::{Note, NoteKind},
        issue::{Field, Issue, IssueRef},
        link::{Link, LinkKind, Seen},
        note::About,
    },
    plan::{action::Plan, snapshot::Context},
};

/// Says which fields the answer left out, as far as they matter to a link: nothing follows from them in this cycle.
pub(super) fn note_unseen(link: &Link, issue: &Issue, plan: &mut Plan) {
    let matters = |field: Field| match (field, link.kind) {
        (Field::Owner | Field::Progress, _) | (Field::Labels, LinkKind::Created) => true,
        // A tracker may not have the field in every place; then it never took a date from us either.
        (Field::Due, LinkKind::Created) => link.pushed.due.is_some(),
        (Field::Labels | Field::Due, LinkKind::Cited) | (Field::Block | Field::Comment, _) => false,
    };
    for field in issue.unseen.iter().filter(|field| matters(**field)) {
        let why = format!(
            "the tracker's answer does not show its {}; what is not shown is unknown, and nothing follows from it",
            field.as_str()
        );
        plan.say(Note::of_link(NoteKind::Unreachable, link, why).about(About::Field(*field)));
    }
}

/// Where the issue is, with the handles that are known already where the answer does not show them.
pub(super) fn at(link: &Link, issue: &Issue) -> IssueRef {
    let (shown, known) = (issue.at.clone(), &link.issue);
    let url = if shown.url.is_empty() { known.url.clone() } else { shown.url };
    IssueRef { node: shown.node.or_else(|| known.node.clone()), url, ..shown }
}

/// How the issue looks now; unchanged while nothing about it changed, so that a quiet cycle writes no rows.
pub(super) fn seen(context: &Context, link: &Link, issue: &Issue) -> Seen {
    let shown = if issue.shows(Field::Progress) { &issue.status_text } else { &link.seen.status_text };
    if link.seen.status_text == *shown && link.seen.updated == issue.updated {
        return link.seen.clone();
    }
    Seen { at: context.now, status_text: shown.clone(), updated: issue.updated }
}
