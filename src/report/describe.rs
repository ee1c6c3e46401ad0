//! From a finding of the register to its row: what it says, when it is due, who must act.
//!
//! Knows a page of the register and the review rules. Knows nothing of sections.

use std::collections::BTreeSet;

use super::{
    Input, Routed,
    row::{ClosedLine, IssueLine, ReviewLine, Row, ToVerify, WaiverLine},
    text::{foreign, link},
};
use crate::{
    model::{
        finding::{AnchorKind, Claim, Claimant, Finding, Owner, Waiver},
        ids::PersonId,
        involvement::{Involvement, Party},
        link::Link,
        page::Page,
        terms::{Route, State},
    },
    review::{
        act::Act,
        calendar::local_date,
        clock::{self, Basis},
        decision::evidence_needed,
        flags::{self, Circumstances, claimant_unknown},
        involvement::{means, present},
        roles::{may_verify, nobody_may_verify},
        transition::{effective, named},
    },
};

/// A person by name if one is known, else by key.
pub(super) fn person(input: &Input<'_>, id: &PersonId) -> String {
    let name = input.people.0.get(id).and_then(|person| person.name.as_deref());
    foreign(name.unwrap_or(id.as_str()))
}

/// A finding as it counts now.
pub(super) fn row(input: &Input<'_>, page: &Page, stored: &Finding, routed: Option<&Routed>) -> Row {
    let &Input { policy, people, now, .. } = input;
    let links: &Vec<&Link> = &page.links_of(&stored.key).iter().collect();
    let unrouted = matches!(routed, Some(Routed::Unrouted { .. }));
    let flags = flags::of(stored, Circumstances { policy, people, links, unrouted, now });
    let finding = effective(policy, stored, now);
    let finding = finding.as_ref();
    let stated = &finding.stated;
    let words = stated.words_up_to(input.options.max_tlp);
    let withheld = words.is_none();
    let shown = |text: &str| (!withheld).then(|| foreign(text));
    let clock = &finding.clock;
    Row {
        key: finding.key.clone(),
        title: words
            .map_or_else(|| format!("Text withheld (TLP:{})", stated.tlp), |words| foreign(&words.title)),
        withheld,
        tlp: stated.tlp,
        postmortem: stated.postmortem.clone(),
        postmortem_title: words.map(|words| foreign(&words.postmortem_title)),
        postmortem_url: stated.postmortem_url.as_deref().filter(|_| !withheld).and_then(link),
        document: shown(&format!("{}:{}", stated.path, stated.line)),
        class: finding.class,
        work: finding.work,
        route: finding.route,
        severity: finding.severity,
        severity_assumed: finding.severity_assumed,
        severity_unclear: stated
            .severity_unclear
            .as_deref()
            .map(|written| if withheld { "text withheld".to_owned() } else { foreign(written) }),
        state: finding.state,
        state_text: state_text(finding.state).to_owned(),
        flag_texts: flags.iter().map(|flag| flag.as_str()).collect(),
        team: team(input, finding),
        owner: owner(input, &finding.owner),
        default_of: people.by_default_of(finding).map(|team| foreign(&team)),
        beside: people.beside(finding).iter().map(|name| foreign(name)).collect(),
        anchor: clock.anchor,
        anchor_kind: clock.anchor_kind,
        due_original: clock.due_original,
        due: clock.due,
        due_because: due_because(input, finding),
        // The remediation clock stands still while nobody is to remediate.
        days_left: clock::days_left(policy, finding, now).filter(|_| finding.state.is_running()),
        days_overdue: clock::days_overdue(policy, finding, now),
        extensions: clock.extensions.len(),
        extended_days: clock.due.zip(clock.due_original).map_or(0, |(due, first)| (due - first).num_days()),
        next_review: clock::next_review(policy, finding),
        last_review: last_review(input, finding, withheld),
        verification: to_verify(input, finding, page.parts_of(&stored.key)),
        // An ended waiver is shown too: somebody has to know that it was there.
        waiver: stored.waiver.as_ref().map(|waiver| waiver_line(input, waiver, withheld)),
        closed: closed(input, finding, withheld),
        rejections: finding.rejections,
        issues: links.iter().map(|link| issue_line(input, link)).collect(),
        destination: destination(routed),
        first_seen: finding.first_seen,
        changed: stored.changed,
        flags,
    }
}

/// Why a deadline is on its day.
fn due_because(input: &Input<'_>, finding: &Finding) -> String {
    let (clock, severity) = (&finding.clock, finding.severity);
    let from = match clock.anchor_kind {
        AnchorKind::Published => "its publication on",
        AnchorKind::FirstSeen => "first sight on",
        AnchorKind::LateIntake => "first sight, as it was published more than 30 days before:",
    };
    match clock::basis(input.policy, finding) {
        None => format!("{severity} has no term, and its document asks for no date"),
        Some(Basis::Term { days }) => format!("{severity}: {days} days from {from} {}", clock.anchor),
        Some(Basis::Asked) => "its document asks for that day".to_owned(),
        Some(Basis::Extended(extension)) => format!(
            "extended by {} on {}",
            person(input, &extension.by),
            local_date(input.policy.zone, extension.at)
        ),
        Some(Basis::Moved) => "moved when severity, policy, document or waiver changed".to_owned(),
    }
}

fn state_text(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::InProgress => "in progress",
        State::PendingVerification => "waiting for verification",
        State::Resolved => "resolved",
        State::RiskAccepted => "risk accepted",
        State::Dismissed => "dismissed",
    }
}

/// The team that the document names, else the owner's.
fn team(input: &Input<'_>, finding: &Finding) -> Option<String> {
    let owners = match &finding.owner {
        Owner::Person(id) => input.people.0.get(id).and_then(|person| person.team.as_deref()),
        Owner::Nobody | Owner::Unmapped(_) => None,
    };
    finding.stated.team.as_deref().or(owners).map(foreign).filter(|team| !team.is_empty())
}

fn owner(input: &Input<'_>, owner: &Owner) -> Option<String> {
    match owner {
        Owner::Nobody => None,
        Owner::Person(id) => Some(person(input, id)),
        Owner::Unmapped(text) => Some(foreign(text)),
    }
}

fn last_review(input: &Input<'_>, finding: &Finding, withheld: bool) -> Option<ReviewLine> {
    let review = finding.last_review.as_ref()?;
    let note = review.note.as_deref().filter(|_| !withheld).map(foreign);
    Some(ReviewLine { by: person(input, &review.by), at: review.at, verdict: review.verdict, note })
}

fn to_verify(input: &Input<'_>, finding: &Finding, parts: &[Involvement]) -> Option<ToVerify> {
    if finding.state != State::PendingVerification {
        return None;
    }
    let &Input { people, policy, now, .. } = input;
    let claim = finding.claim.as_ref();
    let claimed_by = claim.map_or_else(|| "nobody on record".to_owned(), |claim| claimant(input, claim));
    let act = |by| Act { by, at: now, people, policy, parts };
    let mut may: Vec<&PersonId> = people.0.keys().filter(|by| may_verify(finding, act(by)).is_ok()).collect();
    // Whom the document names is asked first.
    let named = |by: &PersonId| {
        let mut written = finding.stated.reviewers.iter().map(|text| Party::Written(text.clone()));
        written.any(|party| means(&party, people, by))
    };
    may.sort_by_key(|by| !named(by));
    let evidence = evidence_needed(finding.severity);
    let mut needs = vec![if evidence == 1 {
        "evidence".to_owned()
    } else {
        format!("{evidence} different pieces of evidence")
    }];
    if finding.route != Route::Engineering {
        needs.push("the revised procedure".to_owned());
    }
    if claimant_unknown(finding) {
        needs.push("the name of whoever claimed it".to_owned());
    }
    let words = finding.stated.words_up_to(input.options.max_tlp);
    let criteria = words.and_then(|words| words.criteria.as_deref());
    let mut not: Vec<String> = owner(input, &finding.owner).into_iter().collect();
    not.push(claimed_by.clone());
    for part in present(finding, parts) {
        not.push(party(input, &part.party));
    }
    let mut told = BTreeSet::new();
    not.retain(|name| told.insert(name.clone()));
    Some(ToVerify {
        claimed: claim.map(|claim| claim.at),
        claimed_by,
        by: clock::verify_by(policy, finding),
        not,
        nobody: people
            .0
            .keys()
            .next()
            .and_then(|by| nobody_may_verify(finding, act(by)))
            .map(|why| foreign(&why)),
        may: may.into_iter().map(|id| person(input, id)).collect(),
        criteria: criteria.map(foreign),
        needs,
    })
}

/// Somebody on record, as the report names people.
fn party(input: &Input<'_>, party: &Party) -> String {
    match party {
        Party::Person(id) => person(input, id),
        Party::Account { .. } => foreign(&party.to_string()),
        Party::Written(text) => foreign(text),
    }
}

fn claimant(input: &Input<'_>, claim: &Claim) -> String {
    match &claim.by {
        Claimant::Person(id) => person(input, id),
        Claimant::Account(_) | Claimant::Document | Claimant::Unknown => foreign(&named(&claim.by)),
    }
}

fn waiver_line(input: &Input<'_>, waiver: &Waiver, withheld: bool) -> WaiverLine {
    WaiverLine {
        by: person(input, &waiver.by),
        at: waiver.at,
        reason: (!withheld).then(|| foreign(&waiver.reason)),
        expires: waiver.expires,
        days_left: (waiver.expires - local_date(input.policy.zone, input.now)).num_days(),
    }
}

fn closed(input: &Input<'_>, finding: &Finding, withheld: bool) -> Option<ClosedLine> {
    let in_time = clock::met(input.policy, finding);
    let (by, at, why) = match finding.state {
        State::Resolved => {
            let resolution = finding.resolution.as_ref();
            let by = resolution.map(|verification| person(input, &verification.by));
            let at = resolution.map_or(finding.changed, |verification| verification.at);
            let parts = resolution.into_iter().flat_map(|v| v.evidence.iter().chain(v.procedure.iter()));
            (by, at, parts.map(String::as_str).collect::<Vec<_>>().join("; "))
        }
        State::Dismissed => (None, finding.changed, finding.dismissed.clone().unwrap_or_default()),
        State::Open | State::InProgress | State::PendingVerification | State::RiskAccepted => return None,
    };
    let why = (!withheld && !why.is_empty()).then(|| foreign(&why));
    Some(ClosedLine { by, at, in_time, why })
}

/// An issue was read when its tracker was last read as a whole: what no list named since is as it was.
fn issue_line(input: &Input<'_>, link: &Link) -> IssueLine {
    let cycle = input.register.last_cycle.as_ref();
    let whole = cycle.and_then(|cycle| cycle.trackers.get(&link.tracker)?.read);
    IssueLine {
        tracker: link.tracker.clone(),
        key: foreign(&link.issue.key),
        url: self::link(&link.issue.url),
        status: foreign(&link.seen.status_text),
        kind: link.kind,
        read: whole.map_or(link.seen.at, |whole| whole.max(link.seen.at)),
        updated: link.seen.updated,
        missing_since: link.absence.as_ref().map(|absence| absence.first),
    }
}

fn destination(routed: Option<&Routed>) -> Option<String> {
    match routed? {
        Routed::Group(group) => Some(format!("register, with {}", foreign(group.as_str()))),
        Routed::Destination(place) => Some(foreign(place)),
        Routed::Unrouted { .. } => None,
    }
}
