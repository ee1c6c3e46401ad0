//! What of a finding may be where: its class against what a place is cleared for, and against who can read it
//! (invariant 13). Whatever is not proven is not allowed.

use super::snapshot::{Context, same_place};
use crate::model::{
    cycle::NoteKind,
    finding::Finding,
    ids::PlaceName,
    issue::{PlaceFacts, Visibility},
    link::{Link, LinkKind},
    observed::Observed,
    rule::{Destination, Outcome},
    terms::Tlp,
};

/// Why something may not be sent, and what kind of note says so: unreachable waits, held is for a person.
pub type Withheld = (NoteKind, String);

/// The place that a finding may be created in: proven in this cycle, the one it always was, and cleared for its class.
pub fn proven_place<'a>(
    context: &'a Context,
    finding: &Finding,
    destination: &Destination,
) -> Result<&'a PlaceFacts, Withheld> {
    let place = &destination.place;
    refuse_class(finding.stated.tlp, destination.max_tlp, place).map_err(held)?;
    let key = (destination.tracker.clone(), place.clone());
    let facts = proven(place, context.places.get(&key))?;
    let pinned = context.pinned.get(&key).map(|pinned| pinned.id.as_str());
    refuse_place(finding.stated.tlp, destination, facts, pinned).map_err(held)?;
    Ok(facts)
}

/// Whether the issue of a link may be sent more text of its finding.
///
/// It must be one that we created, where a rule clears the finding's class, in a place that is still the same and
/// still read by no more people than that.
pub fn takes_text(context: &Context, finding: &Finding, link: &Link) -> Result<(), Withheld> {
    let place = &link.issue.place;
    if link.kind == LinkKind::Cited {
        let why = format!("{} is cited; it takes owner and status only", link.issue.key);
        return Err(held(why));
    }
    let cleared = context.rules.iter().filter_map(|rule| match &rule.then {
        Outcome::Create(to) if is_home(to, link) => Some(to.max_tlp),
        Outcome::Create(_) | Outcome::Register { .. } => None,
    });
    let Some(max) = cleared.max() else {
        return Err(held(format!("no rule sends findings to {place} any more")));
    };
    refuse_class(finding.stated.tlp, max, place).map_err(held)?;
    let facts = proven(place, context.places.get(&(link.tracker.clone(), place.clone())))?;
    refuse_text(finding.stated.tlp, link, facts).map_err(held)
}

/// Why a place as it is now may not be sent more text of a linked finding; also asked again just before each write.
pub fn refuse_text(tlp: Tlp, link: &Link, facts: &PlaceFacts) -> Result<(), String> {
    let place = &link.issue.place;
    if facts.id != link.issue.place_id {
        return Err(another_place(place, &facts.id, &link.issue.place_id));
    }
    refuse_readers(tlp, place, facts.visibility)
}

/// Who can read what is in an issue of ours already and should not; none while the place could not be read.
pub fn exposed(context: &Context, finding: &Finding, link: &Link) -> Option<String> {
    let facts = context.places.get(&(link.tracker.clone(), link.issue.place.clone()))?.known()?;
    let why = refuse_readers(finding.stated.tlp, &link.issue.place, facts.visibility).err()?;
    Some(format!(
        "{why}; {} holds text of it: close the place to others, or take the text out",
        link.issue.key
    ))
}

/// Whether a destination is the place that a link is in, under its old name or its new one.
pub fn is_home(to: &Destination, link: &Link) -> bool {
    to.tracker == link.tracker
        && [&link.destination, &link.issue.place].into_iter().any(|is| same_place(is, &to.place))
}

/// Why a class may not go to a place of a declared clearance; RED never leaves.
pub fn refuse_class(tlp: Tlp, max: Tlp, place: &PlaceName) -> Result<(), String> {
    if tlp == Tlp::Red {
        return Err("TLP:RED never leaves the register".to_owned());
    }
    if tlp > max {
        return Err(format!(
            "it is TLP:{tlp}, and {place} may hold TLP:{max} at most (`max_tlp` of the rule)"
        ));
    }
    Ok(())
}

/// Why a place as it is now may not take a finding of a class; also asked again just before each create (I20).
pub fn refuse_place(
    tlp: Tlp,
    destination: &Destination,
    facts: &PlaceFacts,
    pinned: Option<&str>,
) -> Result<(), String> {
    let place = &destination.place;
    refuse_class(tlp, destination.max_tlp, place)?;
    if let Some(why) = &facts.closed {
        return Err(format!("{place} takes no issues: {why}"));
    }
    match pinned {
        Some(pinned) if pinned != facts.id => Err(another_place(place, &facts.id, pinned)),
        Some(_) | None => refuse_readers(tlp, place, facts.visibility),
    }
}

fn refuse_readers(tlp: Tlp, place: &PlaceName, visibility: Visibility) -> Result<(), String> {
    let (seen_by, most) = match visibility {
        Visibility::Private => return Ok(()),
        Visibility::Internal => ("everybody in the enterprise", Tlp::Green),
        Visibility::Public => ("everybody", Tlp::Clear),
    };
    if tlp > most {
        return Err(format!("{place} can be read by {seen_by}, and the finding is TLP:{tlp}"));
    }
    Ok(())
}

fn proven<'a>(
    place: &PlaceName,
    facts: Option<&'a Observed<PlaceFacts>>,
) -> Result<&'a PlaceFacts, Withheld> {
    match facts {
        Some(Observed::Known(facts)) => Ok(facts),
        Some(Observed::Missing) => {
            Err(held(format!("{place} does not exist or is not visible to this account")))
        }
        Some(Observed::Unknown { why }) => {
            Err((NoteKind::Unreachable, format!("who can read {place} could not be proven: {why}")))
        }
        None => Err((NoteKind::Unreachable, format!("who can read {place} was not proven"))),
    }
}

fn another_place(place: &PlaceName, now: &str, before: &str) -> String {
    format!("{place} has the id {now} now, but was {before} when it was first used: it is another place")
}

fn held(why: String) -> Withheld {
    (NoteKind::Held, why)
}
