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
    rule::{Above, Destination, Outcome},
    terms::Tlp,
};

/// Why something may not be sent, and what kind of note says so: unreachable waits, held is for a person.
pub type Withheld = (NoteKind, String);

/// How much of a finding may be sent to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// What its document asks for.
    Full,
    /// That there is something to do, by when, and where to read it.
    Minimal,
}

/// How much of a class a destination takes, and the class of what is then sent; RED never leaves.
pub fn profile(tlp: Tlp, to: &Destination) -> Result<(Profile, Tlp), String> {
    match to.above {
        _ if tlp == Tlp::Red => Err("TLP:RED never leaves the register".to_owned()),
        _ if tlp <= to.max_tlp => Ok((Profile::Full, tlp)),
        // It says nothing of the finding, and somebody declared that this much may be known there.
        Above::Minimal => Ok((Profile::Minimal, to.max_tlp)),
        Above::Hold => Err(format!(
            "it is TLP:{tlp}, and {} may hold TLP:{} at most (`max_tlp` of the rule)",
            to.place, to.max_tlp
        )),
    }
}

/// The place that a finding may be created in: proven in this cycle, the one it always was, and cleared for its class.
pub fn proven_place<'a>(
    context: &'a Context,
    finding: &Finding,
    destination: &Destination,
) -> Result<&'a PlaceFacts, Withheld> {
    let place = &destination.place;
    // What may not be sent anyway is no reason to look at the place.
    profile(finding.stated.tlp, destination).map_err(held)?;
    let key = (destination.tracker.clone(), place.clone());
    let facts = proven(place, context.places.get(&key))?;
    let pinned = context.pinned.get(&key).map(|pinned| pinned.id.as_str());
    refuse_place(finding.stated.tlp, destination, facts, pinned).map_err(held)?;
    Ok(facts)
}

/// How much text of its finding the issue of a link may be sent, and of which class that is, as far as the rules say.
///
/// The issue must be one that we created, in a place to which a rule sends issues.
pub fn cleared_text(context: &Context, finding: &Finding, link: &Link) -> Result<(Profile, Tlp), Withheld> {
    if link.kind == LinkKind::Cited {
        let why = format!("{} is cited; it takes owner and status only", link.issue.key);
        return Err(held(why));
    }
    let homes = context.rules.iter().filter_map(|rule| match &rule.then {
        Outcome::Create(to) if is_home(to, link) => Some(profile(finding.stated.tlp, to)),
        Outcome::Create(_) | Outcome::Register { .. } => None,
    });
    let nowhere = Err(format!("no rule sends findings to {} any more", link.issue.place));
    // The rule that lets most through speaks for the place.
    let rank = |cleared: &Result<(Profile, Tlp), String>| match cleared {
        Ok((Profile::Full, _)) => 2,
        Ok((Profile::Minimal, _)) => 1,
        Err(_) => 0,
    };
    homes.max_by_key(rank).unwrap_or(nowhere).map_err(held)
}

/// [`cleared_text`], in a place that is proven in this cycle to be the same and read by no more people than that.
pub fn takes_text(context: &Context, finding: &Finding, link: &Link) -> Result<Profile, Withheld> {
    let (profile, class) = cleared_text(context, finding, link)?;
    let place = &link.issue.place;
    let facts = proven(place, context.places.get(&(link.tracker.clone(), place.clone())))?;
    refuse_text(class, link, facts).map_err(held)?;
    Ok(profile)
}

/// Why a place as it is now may not be sent more text of a class; also asked again just before each write.
pub fn refuse_text(class: Tlp, link: &Link, facts: &PlaceFacts) -> Result<(), String> {
    let place = &link.issue.place;
    if facts.id != link.issue.place_id {
        return Err(another_place(place, &facts.id, &link.issue.place_id));
    }
    refuse_readers(class, place, facts.visibility)
}

/// Who can read what is in an issue of ours already and should not; none while the place could not be read.
pub fn exposed(context: &Context, finding: &Finding, link: &Link) -> Option<String> {
    let facts = context.places.get(&(link.tracker.clone(), link.issue.place.clone()))?.known()?;
    let class = cleared_text(context, finding, link).map_or(finding.stated.tlp, |(_, class)| class);
    let why = refuse_readers(class, &link.issue.place, facts.visibility).err()?;
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

/// Why a place as it is now may not take a finding of a class; also asked again just before each create (invariant 13).
pub fn refuse_place(
    tlp: Tlp,
    destination: &Destination,
    facts: &PlaceFacts,
    pinned: Option<&str>,
) -> Result<(), String> {
    let place = &destination.place;
    let (_, class) = profile(tlp, destination)?;
    if let Some(why) = &facts.closed {
        return Err(format!("{place} takes no issues: {why}"));
    }
    match pinned {
        Some(pinned) if pinned != facts.id => Err(another_place(place, &facts.id, pinned)),
        // Nothing says that it is the place which was meant when the rule was written.
        None if !same_place(&facts.name, place) => {
            Err(format!("{place} is called {} now; name it so in the rule", facts.name))
        }
        Some(_) | None => refuse_readers(class, place, facts.visibility),
    }
}

fn refuse_readers(class: Tlp, place: &PlaceName, visibility: Visibility) -> Result<(), String> {
    let (seen_by, most) = match visibility {
        Visibility::Private => return Ok(()),
        Visibility::Internal => ("everybody in the enterprise", Tlp::Green),
        Visibility::Public => ("everybody", Tlp::Clear),
    };
    if class > most {
        return Err(format!("{place} can be read by {seen_by}, and the finding is TLP:{class}"));
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
