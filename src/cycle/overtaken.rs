//! What a write of ours replaced unseen, by its own answer (invariant 4).

use super::apply::Run;
use crate::{
    model::{
        finding::Finding,
        issue::{Overtaken, TrackerKind},
        link::Link,
        register::Write,
    },
    plan::{action::EditAction, linked::replaced},
};

/// Entries for everything that was replaced. An owner whom the rule would have let win becomes the finding's, so that
/// the next cycle writes them back.
pub(super) fn overtaken(
    run: &mut Run<'_, '_>,
    (action, link): (&EditAction, &Link),
    kind: TrackerKind,
    finding: &mut Finding,
    all: &[Overtaken],
) -> Vec<Write> {
    let mut writes = Vec::new();
    for theirs in all {
        let yields = action.yields.contains(&theirs.field);
        let found = replaced(&run.gathered.context, (finding, link), kind, yields, theirs);
        for (event, [before, after]) in found.entries {
            let mut entry =
                run.ledger.entry(event, &action.finding, Some(&action.issue.key), found.why.clone());
            entry.field = Some(theirs.field.as_str().to_owned());
            (entry.before, entry.after) = (Some(before), Some(after));
            writes.push(Write::History(entry));
        }
        if let Some(owner) = found.owner {
            finding.owner = owner;
        }
        writes.extend(found.part.map(Box::new).map(Write::Involvement));
        run.say(found.note);
    }
    writes
}
