//! What a write of ours replaced unseen: it is put on record, and it holds where the tracker's word does (I5).

use super::apply::Run;
use crate::{
    model::{
        cycle::{Note, NoteKind},
        finding::{Finding, Owner},
        involvement::{Involvement, Part, Party},
        issue::{Field, Overtaken, TrackerKind},
        note::About,
        register::Write,
    },
    plan::{action::EditAction, linked::text},
};

/// Entries for everything that was replaced. An owner whom the rule would have let win becomes the finding's, so that
/// the next cycle writes him back.
pub(super) fn overtaken(
    run: &mut Run<'_, '_>,
    action: &EditAction,
    kind: TrackerKind,
    finding: &mut Finding,
    replaced: &[Overtaken],
) -> Vec<Write> {
    let mut writes = Vec::new();
    for theirs in replaced {
        let (field, by, value) = (theirs.field.as_str(), &theirs.by, &theirs.value);
        let said = format!("{by} changed it to `{value}` in the moment before we wrote");
        let ours = match theirs.field {
            Field::Owner => text(&finding.owner),
            Field::Progress | Field::Labels | Field::Due | Field::Block | Field::Comment => {
                finding.state.to_string()
            }
        };
        let part = assigned(run, kind, finding, theirs);
        let mut log = |event: &str, (before, after): (&str, &str), why: &str| {
            let mut entry = run.ledger.entry(event, &action.finding, Some(&action.issue.key), why);
            entry.field = Some(field.to_owned());
            entry.before = Some(before.to_owned());
            entry.after = Some(after.to_owned());
            writes.push(Write::History(entry));
        };
        log("overtaken", (value, &ours), &said);
        let (note, why) = match restored(run, action, kind, theirs) {
            Some(owner) => {
                log("owner_pulled", (&ours, &text(&owner)), &said);
                finding.owner = owner;
                (
                    NoteKind::Overruled,
                    format!("{field}: {said}; the rule's policy keeps it, and it is written back"),
                )
            }
            None => {
                (NoteKind::Conflict, format!("{field}: {said}, and it is overwritten; say if that is wrong"))
            }
        };
        writes.extend(part);
        let note = Note::new(note, why).of(&action.finding).at(&action.tracker);
        run.say(note.on(action.issue.key.as_str()).about(About::Field(theirs.field)));
    }
    writes
}

/// Whoever was assigned, for however short a time, had the finding.
fn assigned(run: &Run<'_, '_>, kind: TrackerKind, finding: &Finding, theirs: &Overtaken) -> Option<Write> {
    let account = theirs.assignee.as_ref()?;
    let party = Party::of_account(kind, account, &run.gathered.context.people.owner_of(kind, account));
    let part = Involvement::of(finding, Part::Owned, party, run.ports.clock.now());
    Some(Write::Involvement(Box::new(part)))
}

/// The person whom somebody assigned, if the tracker's word holds and we know who it is.
fn restored(run: &Run<'_, '_>, action: &EditAction, kind: TrackerKind, theirs: &Overtaken) -> Option<Owner> {
    let account = theirs.assignee.as_ref().filter(|_| action.yields.contains(&theirs.field))?;
    match run.gathered.context.people.owner_of(kind, account) {
        owner @ Owner::Person(_) => Some(owner),
        Owner::Nobody | Owner::Unmapped(_) => None,
    }
}
