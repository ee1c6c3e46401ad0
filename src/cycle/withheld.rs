//! Text that is taken out of an edit in the moment before it is sent, because its place may not hold it.
//!
//! Knows the last proof of a place. Must not know why the edit was planned.

use super::{
    apply::Run,
    proofs::{fresh, good_until},
};
use crate::{
    model::{cycle::NoteKind, link::Link},
    plan::{
        action::EditAction,
        clearance::{cleared_text, refuse_text},
    },
    tracker::TrackerWrite,
};

/// Takes the text out of an edit unless it is proven, a moment ago, that no more people than its finding's class allows
/// can read the place (invariant 13). Owner, status, labels and dates go on.
pub(super) async fn withhold(
    run: &mut Run<'_, '_>,
    tracker: &dyn TrackerWrite,
    link: &Link,
    action: &mut EditAction,
) {
    if action.edit.block.is_none() && action.edit.comment.is_none() {
        return;
    }
    let proven = fresh(tracker, &link.issue.place).await;
    let finding = run.ledger.register().findings.get(&action.finding);
    let refused = match (proven, finding) {
        (Err(withheld), _) => Some(withheld),
        (Ok(facts), Some(finding)) => {
            action.edit.text_before = Some(good_until(&facts));
            let cleared = cleared_text(&run.gathered.context, finding, link);
            let refused = |(_, class)| refuse_text(class, link, &facts).map_err(|why| (NoteKind::Held, why));
            cleared.and_then(refused).err()
        }
        (Ok(_), None) => Some((NoteKind::Stale, "the finding is gone".to_owned())),
    };
    if let Some((kind, why)) = refused {
        action.edit.block = None;
        (action.edit.comment, action.edit.comment_mark) = (None, None);
        let why = format!("nothing new is written to the issue: {why}");
        run.note(kind, &action.finding, &action.tracker, Some(&link.issue.key), why);
    }
}
