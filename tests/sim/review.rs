//! Reviewers, who decide between two cycles, as `finding` does: under the lease, and each decision with its history.

use chrono::TimeDelta;
use postmortem_sync::{
    model::{
        cycle::NoteKind,
        finding::{Finding, Keep, Owner},
        ids::FindingKey,
        issue::Field,
        people::People,
        register::{Register, Write},
        terms::State,
    },
    review::{act::Act, decision, refusal::Refusal, step::Step},
};

use crate::{gate::Gate, stage::Stage};

/// Who reviews, and in the deeper world who else.
const REVIEWER: &str = "eli";
const OTHER: &str = "fay";

/// A reviewer decides on some findings; how many decisions were recorded.
pub(crate) async fn decide(stage: &Stage) -> usize {
    let gate = &stage.gate;
    let store = stage.open_alone().await;
    // Whoever finds the worker at work, or dead for less than its lease, comes back later.
    let Ok(lease) = store.lease(REVIEWER).await else { return 0 };
    let mut register = store.load().await.unwrap();
    let mut decided = 0;
    for _ in 0..=gate.upto(2) {
        let keys: Vec<_> = register.findings.keys().cloned().collect();
        if keys.is_empty() {
            break;
        }
        let is_claimed = |key: &&FindingKey| register.findings[*key].state == State::PendingVerification;
        let claimed: Vec<_> = keys.iter().filter(is_claimed).cloned().collect();
        let keys = if stage.cast.deep && !claimed.is_empty() { claimed } else { keys };
        let key = &keys[gate.upto(keys.len() as i64 - 1) as usize];
        let by = if stage.cast.deep && gate.upto(1) == 0 { OTHER } else { REVIEWER };
        let Ok(step) = decision(stage, &register, &register.findings[key], by) else { continue };
        let now = stage.now();
        let was = shown(&register.findings[key]).0;
        let writes = step.writes(&register.findings[key], now, &by.into());
        for write in &writes {
            if let Write::Involvement(part) = write {
                register.involve((**part).clone());
            }
        }
        store.record(&lease, writes).await.unwrap();
        let head = store.head().await.unwrap().seq;
        let mut state = gate.state();
        state.note(&format!("a reviewer: {key} {} {:?}", step.field, step.after));
        let (owner, status) = shown(&step.finding);
        match step.field {
            "owner" => {
                state.oracle.decided(key.as_str(), "owner", &owner, head);
                state.oracle.gave(key.as_str(), &was, &owner, by);
            }
            "state" => state.oracle.decided(key.as_str(), "state", &status, head),
            _ => {}
        }
        match step.event {
            "finding_verified" => state.oracle.decides(key.as_str(), by, "verify"),
            "risk_accepted" => state.oracle.decides(key.as_str(), by, "waive"),
            _ => {}
        }
        if step.finding.episode != register.findings[key].episode {
            state.oracle.begins_anew(key.as_str());
        }
        drop(state);
        register.findings.insert(key.clone(), step.finding);
        decided += 1;
    }
    store.release(lease).await.unwrap();
    decided
}

/// Owner and state of a finding, in words.
pub(crate) fn shown(finding: &Finding) -> (String, String) {
    let owner = match &finding.owner {
        Owner::Nobody => String::new(),
        Owner::Person(person) => person.to_string(),
        Owner::Unmapped(name) => name.clone(),
    };
    (owner, finding.state.to_string())
}

fn decision(stage: &Stage, register: &Register, finding: &Finding, by: &str) -> Result<Step, Refusal> {
    let (gate, by) = (&stage.gate, by.into());
    let (people, policy): (&People, _) = (&stage.config.people, &stage.config.policy);
    let parts = register.parts(&finding.key);
    let act = Act { by: &by, at: stage.now(), people, policy, parts };
    let linked = register.links.iter().any(|link| link.finding == finding.key);
    let is_claimed = finding.state == State::PendingVerification;
    match gate.upto(if stage.cast.deep { 9 } else { 8 }) {
        0 if stage.cast.deep && is_claimed => {
            decision::reject(finding, act, &again(gate, "It happens again"))
        }
        1 | 2 if stage.cast.deep && is_claimed => verify(finding, act),
        0..=2 => decision::assign(finding, act, &anybody(gate)),
        3 => decision::reject(finding, act, &again(gate, "It happens again")),
        4 => verify(finding, act),
        5 => decision::reopen(finding, act, &again(gate, "It is back")),
        9 => decision::dismiss(finding, act, &again(gate, "It is none")),
        6 if linked => {
            let until = stage.now().date_naive() + TimeDelta::days(30);
            decision::waive(finding, act, until, "The replacement is on its way.")
        }
        6 => decision::assign(finding, act, &Owner::Nobody),
        _ => {
            let field = if gate.upto(1) == 0 { Field::Owner } else { Field::Progress };
            let keep = if gate.upto(1) == 0 { Keep::Finding } else { Keep::Tracker };
            if contested(register, finding) {
                decision::settle(finding, act, field, keep)
            } else {
                decision::assign(finding, act, &anybody(gate))
            }
        }
    }
}

fn verify(finding: &Finding, act: Act<'_>) -> Result<Step, Refusal> {
    let evidence = ["https://ci.test/1".to_owned(), "https://ci.test/2".to_owned()];
    decision::verify(finding, act, &evidence, Some("https://wiki.test/procedure"))
}

/// A reason that nobody gave before.
fn again(gate: &Gate, why: &str) -> String {
    format!("{why}, as seen at step {}.", gate.state().passed)
}

fn anybody(gate: &Gate) -> Owner {
    let whom: &[&str] =
        if gate.state().deep { &["ana", "bo", "chen", "", "eli", "fay"] } else { &["ana", "bo", "chen", ""] };
    match whom[gate.upto(whom.len() as i64 - 1) as usize] {
        "" => Owner::Nobody,
        person => Owner::Person(person.into()),
    }
}

/// Whether a person was asked about the finding.
fn contested(register: &Register, finding: &Finding) -> bool {
    let mut notes = register.notes.iter().map(|standing| &standing.note);
    notes.any(|note| note.kind == NoteKind::Conflict && note.finding.as_ref() == Some(&finding.key))
}
