//! The reviewers' verbs. Each takes a finding and either returns it changed, or says why not and what to do.
//!
//! Asks the table of `roles` first: nobody decides on what they had a part in, and there is no override (invariant 12).
//! Knows nothing of where decisions come from. Deadlines are only ever added to: the first one stays.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    act::Act,
    calendar::add_days,
    refusal::Refusal,
    roles::{Verb, is_verifier, may, may_verify},
    step::Step,
    word,
};
use crate::model::{
    finding::{Claimant, Extension, Finding, Keep, Owner, Review, Verification, Waiver},
    ids::PersonId,
    involvement::Part,
    issue::Field,
    terms::{Class, Route, Severity, State, Verdict, Work},
};

/// Confirms with evidence that a claimed finding is done: `resolved`.
///
/// Refused for its owner, for whoever claimed it, and while nobody knows who that was. Findings on the process and
/// cross-organisation routes also need their revised procedure; critical ones two different pieces of evidence.
pub fn verify(
    finding: &Finding,
    act: Act<'_>,
    evidence: &[String],
    procedure: Option<&str>,
) -> Result<Step, Refusal> {
    if finding.state != State::PendingVerification {
        return Err(wrong_state(finding, "verify"));
    }
    may_verify(finding, act)?;
    let evidence = enough_evidence(finding, evidence)?;
    let procedure = procedure.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if procedure.is_none() && finding.route != Route::Engineering {
        return Err(Refusal::ProcedureMissing { route: finding.route });
    }
    let mut after = act.changed(finding);
    after.state = State::Resolved;
    after.declined_upstream = false;
    after.leave_word(None, act.at);
    let why = format!("verified: {}", evidence.join("; "));
    after.resolution = Some(Verification { by: act.by.clone(), at: act.at, evidence, procedure });
    Ok(Step::state(finding, after, "finding_verified", why))
}

/// Sends a claimed or declined finding back: `in_progress`, with a comment for the engineers. The clock resumes as if it had never stopped.
pub fn reject(finding: &Finding, act: Act<'_>, reason: &str) -> Result<Step, Refusal> {
    if finding.state != State::PendingVerification
        && !(finding.declined_upstream && finding.state.is_running())
    {
        return Err(wrong_state(finding, "reject"));
    }
    may(Verb::Reject, finding, act)?;
    let reason = reason_given(reason, "reject")?;
    let mut after = act.changed(finding);
    after.state = State::InProgress;
    after.claim = None;
    after.declined_upstream = false;
    after.rejections = finding.rejections.saturating_add(1);
    after.leave_word(Some(word::rejected(act, reason)), act.at);
    Ok(Step::state(finding, after, "finding_rejected", reason.to_owned()))
}

/// Approves another deadline, no later than the policy allows from today. The first one is kept, and so is every extension.
pub fn extend(finding: &Finding, act: Act<'_>, due: NaiveDate, reason: &str) -> Result<Step, Refusal> {
    match finding.state {
        State::Open | State::InProgress | State::PendingVerification => {}
        State::Resolved | State::RiskAccepted | State::Dismissed => {
            return Err(wrong_state(finding, "extend"));
        }
    }
    may(Verb::Extend, finding, act)?;
    let reason = reason_given(reason, "extend")?;
    act.later_than_today(due)?;
    let before = finding.clock.due.ok_or(Refusal::NoDeadline)?;
    if before == due {
        return Err(Refusal::SameDue(due));
    }
    let days = act.policy.terms(finding.severity).extension_days.ok_or(Refusal::NoExtension)?;
    let latest = add_days(act.today(), days);
    if due > latest {
        return Err(Refusal::ExtensionTooLong { given: due, latest });
    }
    let mut after = act.changed(finding);
    after.clock.due = Some(due);
    after.clock.extensions.push(Extension { due, reason: reason.to_owned(), by: act.by.clone(), at: act.at });
    Ok(Step {
        field: "due",
        before: Some(before.to_string()),
        after: Some(due.to_string()),
        ..Step::state(finding, after, "deadline_extended", reason.to_owned())
    })
}

/// Accepts the risk until a date: `risk_accepted`. A waiver always ends, at the latest when the policy says.
pub fn waive(finding: &Finding, act: Act<'_>, expires: NaiveDate, reason: &str) -> Result<Step, Refusal> {
    match finding.state {
        State::Open | State::InProgress | State::RiskAccepted => {}
        State::PendingVerification | State::Resolved | State::Dismissed => {
            return Err(wrong_state(finding, "waive"));
        }
    }
    may(Verb::Waive, finding, act)?;
    let reason = reason_given(reason, "waive")?;
    act.later_than_today(expires)?;
    let days = act.policy.terms(finding.severity).waiver_days.ok_or(Refusal::NoWaiver)?;
    let latest = add_days(act.today(), days);
    if expires > latest {
        return Err(Refusal::WaiverTooLong { given: expires, latest });
    }
    let mut after = act.changed(finding);
    after.state = State::RiskAccepted;
    after.declined_upstream = false;
    after.waiver = Some(Waiver { by: act.by.clone(), at: act.at, reason: reason.to_owned(), expires });
    Ok(Step::state(finding, after, "risk_accepted", format!("until {expires}: {reason}")))
}

/// Says that it is no finding, a duplicate, superseded or out of scope: `dismissed`.
pub fn dismiss(finding: &Finding, act: Act<'_>, reason: &str) -> Result<Step, Refusal> {
    if !finding.state.is_unresolved() {
        return Err(wrong_state(finding, "dismiss"));
    }
    may(Verb::Dismiss, finding, act)?;
    let reason = reason_given(reason, "dismiss")?;
    let mut after = act.changed(finding);
    after.state = State::Dismissed;
    after.claim = None;
    after.waiver = None;
    after.declined_upstream = false;
    after.dismissed = Some(reason.to_owned());
    after.leave_word(Some(word::dismissed(act, reason)), act.at);
    Ok(Step::state(finding, after, "finding_dismissed", reason.to_owned()))
}

/// Takes up a closed, waived or declined finding again: `open`, with its deadline as it was. Another episode begins where it was
/// resolved or dismissed.
pub fn reopen(finding: &Finding, act: Act<'_>, reason: &str) -> Result<Step, Refusal> {
    match finding.state {
        State::Resolved | State::Dismissed | State::RiskAccepted => {}
        State::Open | State::InProgress if finding.declined_upstream => {}
        State::Open | State::InProgress | State::PendingVerification => {
            return Err(wrong_state(finding, "reopen"));
        }
    }
    may(Verb::Reopen, finding, act)?;
    let reason = reason_given(reason, "reopen")?;
    let mut after = act.changed(finding);
    after.state = State::Open;
    if matches!(finding.state, State::Resolved | State::Dismissed) {
        after.episode = finding.episode.saturating_add(1);
    }
    after.claim = None;
    after.resolution = None;
    after.waiver = None;
    after.dismissed = None;
    after.declined_upstream = false;
    after.leave_word(Some(word::reopened(act, reason)), act.at);
    Ok(Step::state(finding, after, "finding_reopened", reason.to_owned()))
}

/// Makes a person of the directory, or nobody, the owner. Anybody in the directory may.
pub fn assign(finding: &Finding, act: Act<'_>, owner: &Owner) -> Result<Step, Refusal> {
    if !finding.state.is_unresolved() {
        return Err(wrong_state(finding, "assign"));
    }
    may(Verb::Assign, finding, act)?;
    match owner {
        Owner::Nobody => {}
        Owner::Person(person) => act.known(person)?,
        Owner::Unmapped(text) => return Err(Refusal::UnknownPerson(text.clone())),
    }
    let gives_away = act.not_owner(finding, Verb::Assign.as_str()).is_err() && owner != &finding.owner;
    let mut after = act.changed(finding);
    after.owner = owner.clone();
    let step = Step {
        field: "owner",
        before: owner_text(&finding.owner),
        after: owner_text(owner),
        ..Step::state(finding, after, "owner_assigned", format!("assigned by {}", act.by))
    };
    Ok(if gives_away { step.with_part(Part::MovedAway, act.by, act.at) } else { step })
}

/// Records a review of an unresolved finding: the next one follows after the severity's cadence, or on the named day before it.
pub fn review(
    finding: &Finding,
    act: Act<'_>,
    verdict: Verdict,
    note: Option<&str>,
    next: Option<NaiveDate>,
) -> Result<Step, Refusal> {
    if !finding.state.is_unresolved() {
        return Err(wrong_state(finding, "review"));
    }
    may(Verb::Review, finding, act)?;
    if let Some(next) = next {
        act.later_than_today(next)?;
        let latest = add_days(act.today(), act.policy.terms(finding.severity).review_days);
        if next > latest {
            return Err(Refusal::ReviewTooLate { given: next, latest });
        }
    }
    let note = note.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut after = act.changed(finding);
    let why = note.clone().unwrap_or_else(|| "no note".to_owned());
    let before = finding.last_review.as_ref().map(|review| review.verdict.to_string());
    after.last_review = Some(Review { by: act.by.clone(), at: act.at, verdict, note, next });
    Ok(Step {
        field: "verdict",
        before,
        after: Some(verdict.to_string()),
        ..Step::state(finding, after, "finding_reviewed", why)
    })
}

/// Says whose value holds where both sides changed a field to different values; the next cycle carries it out.
pub fn settle(finding: &Finding, act: Act<'_>, field: Field, keep: Keep) -> Result<Step, Refusal> {
    if !finding.state.is_unresolved() {
        return Err(wrong_state(finding, "settle a conflict of"));
    }
    may(Verb::Settle, finding, act)?;
    let mut after = act.changed(finding);
    let before = after.rulings.insert(field, keep);
    let side = |keep: Keep| match keep {
        Keep::Finding => format!("the finding's {}", field.as_str()),
        Keep::Tracker => format!("the tracker's {}", field.as_str()),
    };
    Ok(Step {
        field: field.as_str(),
        before: before.map(side),
        after: Some(side(keep)),
        ..Step::state(finding, after, "conflict_settled", format!("settled by {}", act.by))
    })
}

/// Corrects what went wrong, or the kind of work; it holds whatever the document says or leaves open.
///
/// A route that the document leaves open follows the class in the next cycle.
pub fn classify(
    finding: &Finding,
    act: Act<'_>,
    class: Option<Class>,
    work: Option<Work>,
) -> Result<Step, Refusal> {
    may(Verb::Classify, finding, act)?;
    let mut after = act.changed(finding);
    after.told.class = class.or(finding.told.class);
    after.told.work = work.or(finding.told.work);
    let told = |finding: &Finding| format!("{} ({})", finding.class, finding.work);
    if after.told == finding.told {
        return Err(Refusal::NothingToClassify(told(finding)));
    }
    if let Some(class) = class {
        (after.class, after.class_inferred) = (class, false);
    }
    if let Some(work) = work {
        (after.work, after.work_inferred) = (work, false);
    }
    Ok(Step {
        field: "class",
        before: Some(told(finding)),
        after: Some(told(&after)),
        ..Step::state(finding, after, "finding_classified", format!("classified by {}", act.by))
    })
}

/// Says which person is behind an account that closed the issue, so that somebody else can verify.
pub fn name_claimant(finding: &Finding, act: Act<'_>, person: &PersonId) -> Result<Step, Refusal> {
    if finding.state != State::PendingVerification {
        return Err(wrong_state(finding, "name the claimant of"));
    }
    may(Verb::NameClaimant, finding, act)?;
    act.known(person)?;
    let mut after = act.changed(finding);
    let before = match after.claim.as_mut() {
        Some(claim) if matches!(claim.by, Claimant::Account(_) | Claimant::Unknown) => {
            let before = super::transition::named(&claim.by);
            claim.by = Claimant::Person(person.clone());
            before
        }
        Some(_) | None => return Err(Refusal::ClaimantKnown),
    };
    Ok(Step {
        field: "claimant",
        before: Some(before),
        after: Some(person.to_string()),
        ..Step::state(finding, after, "claimant_named", format!("named by {}", act.by))
    }
    .with_part(Part::NamedClaimant, act.by, act.at))
}

/// Names somebody who may verify the finding although they are no reviewer of the directory: for where every reviewer had a part
/// in it. Nobody names themselves, nor anybody with a part.
pub fn name_reviewer(finding: &Finding, act: Act<'_>, person: &PersonId) -> Result<Step, Refusal> {
    if !finding.state.is_unresolved() {
        return Err(wrong_state(finding, "name a reviewer of"));
    }
    may(Verb::NameReviewer, finding, act)?;
    act.known(person)?;
    if act.is_me(person) {
        return Err(Refusal::NamesThemselves { by: act.by.clone() });
    }
    if is_verifier(finding, act.people, person) {
        return Err(Refusal::ReviewerAlready(person.clone()));
    }
    let mut after = act.changed(finding);
    after.told.reviewers.insert(person.clone());
    may(Verb::Verify, &after, Act { by: person, ..act })?;
    let named = |finding: &Finding| {
        let all: Vec<&str> = finding.told.reviewers.iter().map(PersonId::as_str).collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    Ok(Step {
        field: "reviewers",
        before: named(finding),
        after: named(&after),
        ..Step::state(finding, after, "reviewer_named", format!("named by {}", act.by))
    })
}

/// Different pieces of evidence that verifying needs.
pub fn evidence_needed(severity: Severity) -> usize {
    match severity {
        Severity::Critical => 2,
        Severity::High | Severity::Medium | Severity::Low | Severity::Info => 1,
    }
}

fn enough_evidence(finding: &Finding, evidence: &[String]) -> Result<Vec<String>, Refusal> {
    let mut seen = BTreeSet::new();
    let given: Vec<String> = evidence
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty() && seen.insert(*text))
        .map(str::to_owned)
        .collect();
    let needed = evidence_needed(finding.severity);
    if given.len() < needed {
        return Err(Refusal::EvidenceMissing { needed, given: given.len() });
    }
    Ok(given)
}

fn reason_given<'a>(reason: &'a str, verb: &'static str) -> Result<&'a str, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() { Err(Refusal::ReasonMissing { verb }) } else { Ok(reason) }
}

fn wrong_state(finding: &Finding, verb: &'static str) -> Refusal {
    let help = match finding.state {
        State::Open | State::InProgress => {
            "its owner acts first: it must be claimed done, or closed as declined"
        }
        State::PendingVerification => "verify the claim or reject it first",
        State::Resolved | State::Dismissed => "reopen it first",
        State::RiskAccepted => "reopen it first, which ends the waiver",
    };
    Refusal::State { verb, state: finding.state, help }
}

fn owner_text(owner: &Owner) -> Option<String> {
    match owner {
        Owner::Nobody => None,
        Owner::Person(person) => Some(person.to_string()),
        Owner::Unmapped(text) => Some(text.clone()),
    }
}
