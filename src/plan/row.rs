//! The row table: one row of findings and links in, actions and notes out.

use chrono::{DateTime, Utc};

use super::{
    action::{Action, Plan},
    cited::plan_citations,
    creation::plan_unlinked,
    linked::plan_linked,
    lost::restore,
    snapshot::{Context, Row},
    unclear::plan_unclear,
    wake::wake,
};
use crate::model::{
    cycle::{Note, NoteKind},
    finding::{Finding, Owner, Stated},
    issue::Field,
    note::About,
    observed::Observed,
};

/// What planning one row comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowPlan {
    /// What to do.
    pub actions: Vec<Action>,
    /// What will not be done, with reasons.
    pub notes: Vec<Note>,
    /// When the clock alone changes it; none while only somebody's deed can.
    pub wake: Option<DateTime<Utc>>,
}

/// Plans one row. What it says depends on the row, the configuration and the clock alone (invariant 16).
///
/// | document | link | | result |
/// |---|---|---|---|
/// | unreadable | any | | nothing; noted as unreachable |
/// | no longer lists it | any | | noted; issue and deadline go on |
/// | any | any | a create whose outcome is unknown | looked for until it is clear (`plan::unclear`) |
/// | any | none of ours | wants none, and one is there | linked (`plan::unclear`) |
/// | lists it | none | | [`plan_unlinked`] |
/// | lists it | yes | | [`plan_linked`] |
pub fn plan_row(context: &Context, row: &Row) -> RowPlan {
    let mut plan = Plan::default();
    plan_members(context, row, &mut plan);
    RowPlan { actions: plan.actions, notes: plan.notes, wake: wake(context, row) }
}

fn plan_members(context: &Context, row: &Row, plan: &mut Plan) {
    let mut with_links = Vec::new();
    for member in &row.findings {
        let finding = &member.finding;
        plan_unclear(context, row, member, plan);
        note_laxer(finding, plan);
        if let Observed::Unknown { why } = &member.document {
            plan.note(NoteKind::Unreachable, &finding.key, why.clone());
            continue;
        }
        let dropped = finding.source_missing || member.document == Observed::Missing;
        if dropped {
            let why = format!("{} no longer lists it; its issue and its deadline go on", finding.stated.path);
            plan.note(NoteKind::SourceMissing, &finding.key, why);
        }
        let restored = restore(context, row, member, plan);
        let linked = row.links.iter().any(|(link, _)| link.finding == finding.key);
        match (linked, dropped) {
            (true, _) => {
                plan_citations(row, member, plan);
                with_links.push(finding);
            }
            // It is planned as a linked one in the same cycle.
            (false, _) if restored => {}
            (false, false) => {
                note_unknown(context, finding, plan);
                plan_unlinked(context, row, member, plan);
            }
            // Nothing is created for what its document has dropped.
            (false, true) => {}
        }
    }
    plan_linked(context, row, &with_links, plan);
}

/// An owner whom the directory does not know is kept as written and reported, never guessed.
fn note_unknown(context: &Context, finding: &Finding, plan: &mut Plan) {
    if let Owner::Unmapped(name) = &finding.owner
        && finding.state.is_unresolved()
    {
        let advice = context.people.advice(name).map(|advice| format!("; {advice}")).unwrap_or_default();
        let why = format!("`{name}` is not in people.yaml; nobody is assigned{advice}");
        plan.say(Note::new(NoteKind::UnknownPerson, why).of(&finding.key).about(About::Field(Field::Owner)));
    }
}

/// A class that became laxer in a document waits for a reviewer: whoever may write documents decides about none.
fn note_laxer(finding: &Finding, plan: &mut Plan) {
    let Some(read) = finding.laxer() else { return };
    let Stated { tlp, path, postmortem, .. } = &finding.stated;
    let why = format!(
        "{path} says TLP:{read} now, and it stays TLP:{tlp} until a reviewer agrees: say `finding classify KEY --tlp {read} --as \
         REVIEWER`, or `intake approve {postmortem} --as REVIEWER` for the whole write-up"
    );
    plan.say(Note::new(NoteKind::Held, why).of(&finding.key).about(About::Class));
}
