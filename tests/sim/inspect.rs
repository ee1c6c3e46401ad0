//! What the judge is shown after each run of the process: the register as it is, what the history got, and what the cycle said.

use std::collections::BTreeMap;

use postmortem_sync::{
    cycle::{outcome::Outcome, ports::Library as _},
    model::{
        cycle::{Note, NoteKind},
        finding::Owner,
        history,
        ids::FindingKey,
        link::Link,
        register::Register,
        terms::State,
    },
    plan::intake::{self, Terms},
    store::HistoryQuery,
};

use crate::{
    oracle::{
        Recorded,
        notes::Left,
        pulled::{Noted, Tie},
    },
    stage::{End, Stage},
};

/// More entries than a cycle writes.
const ENTRIES: u32 = 500;

impl Stage {
    /// Shows the judge what a run of the process left. `before` is what the register held when it began.
    pub(crate) async fn inspect(&self, before: &[Tie], end: &End) {
        let store = self.open_alone().await;
        let register = store.load().await.unwrap();
        let untaken = if matches!(end, End::Done(_)) { self.untaken(&register).await } else { Vec::new() };
        let query = HistoryQuery { limit: Some(ENTRIES), ..HistoryQuery::default() };
        let history = recorded(&store.history(&query).await.unwrap());
        drop(store);
        let world = self.gate.world.state();
        let folder = self.documents();
        let is_whole = ["away", "one", "two"].iter().all(|name| !folder.with_extension(name).exists());
        let mut cited = if is_whole { self.deep.lock().unwrap().cited.clone() } else { BTreeMap::new() };
        let mut state = self.gate.state();
        if let End::Done(outcome) = end {
            outcome.notes.iter().for_each(|note| state.say(|| format!("  note: {note:?}")));
        }
        let oracle = &mut state.oracle;
        oracle.broken.extend(untaken);
        let entries: Vec<Recorded> = history.into_iter().filter(|entry| entry.seq > oracle.head).collect();
        oracle.heard(before, &entries);
        oracle.nothing_ends_unseen(&world, &entries);
        oracle.each_word_is_told_once(&world);
        let reopened = entries.iter().filter(|entry| entry.event == "finding_reopened");
        for finding in reopened.filter_map(|entry| entry.finding.as_ref()) {
            oracle.begins_anew(finding);
            // What was resolved when the cycle began is asked for in the next one.
            cited.remove(finding);
        }
        let said = if let End::Done(outcome) = end { Self::said(outcome, &register) } else { Vec::new() };
        let left = left(&register, &said);
        if matches!(end, End::Done(_)) {
            oracle.contested(before, &left.notes);
            oracle.none_is_left_behind(&world, &left, &Self::wanted());
            oracle.citations_are_known(&cited, &left);
            oracle.had_parts(&left, &claimed(&register));
        }
        oracle.resolved(&in_state(&register, State::Resolved));
        oracle.head = entries.last().map_or(oracle.head, |entry| entry.seq);
        oracle.ties = left.ties;
    }

    /// What documents say and a cycle that came to its end did not take in; the clock may have gone on since it began.
    async fn untaken(&self, register: &Register) -> Vec<String> {
        let listings = self.library().listings().await;
        let terms = Terms { people: &self.config.people, policy: &self.config.policy, now: self.now() };
        let taken = intake::take_in(terms, &register.findings, &listings);
        let by_clock = intake::by_clock(terms, &register.findings).changed;
        let left = taken.changed.difference(&by_clock);
        let is_fit = |key: &&FindingKey| register.misfits.is_empty() && !register.lost.contains(key);
        left.filter(is_fit).map(|key| format!("{key} is not as its document says")).collect()
    }

    /// What a cycle says, and what stands after it.
    pub(crate) fn said(outcome: &Outcome, register: &Register) -> Vec<Note> {
        outcome.notes.iter().chain(register.notes.iter().map(|standing| &standing.note)).cloned().collect()
    }

    /// Shows the judge the register that was put in the place of another one.
    pub(crate) async fn inspect_copy(&self) {
        let store = self.open_alone().await;
        let (register, head) = (store.load().await.unwrap(), store.head().await.unwrap());
        let mut state = self.gate.state();
        state.oracle.ties = ties(&register);
        state.oracle.head = head.seq;
    }
}

/// The history, for the judge.
pub(crate) fn recorded(history: &[history::Recorded]) -> Vec<Recorded> {
    let shown = history.iter().map(|recorded| {
        let entry = &recorded.entry;
        Recorded {
            seq: recorded.seq,
            event: entry.event.clone(),
            finding: entry.finding.as_ref().map(ToString::to_string),
            issue: entry.issue.clone(),
            field: entry.field.clone(),
            values: [entry.before.clone(), entry.after.clone()],
            why: entry.why.clone(),
        }
    });
    shown.collect()
}

fn left(register: &Register, notes: &[Note]) -> Left {
    let notes = notes.iter().map(|note| Noted {
        finding: note.finding.as_ref().map(ToString::to_string),
        issue: note.issue.clone(),
        why: note.why.clone(),
        conflict: matches!(note.kind, NoteKind::Conflict | NoteKind::Overruled),
        unread: note.kind == NoteKind::Unreachable,
    });
    let ended = register.tombstones.iter().map(|stone| (stone.finding.to_string(), stone.issue.key.clone()));
    let is_asked = |state: State, draft: bool| state.is_unresolved() && !draft;
    let findings = register.findings.values();
    Left {
        ties: ties(register),
        ended: ended.collect(),
        notes: notes.collect(),
        findings: findings
            .map(|finding| (finding.key.to_string(), is_asked(finding.state, finding.draft)))
            .collect(),
        under_way: register.intents.iter().map(|intent| intent.finding.to_string()).collect(),
    }
}

fn ties(register: &Register) -> Vec<Tie> {
    register.links.iter().map(tie).collect()
}

fn tie(link: &Link) -> Tie {
    let owner = link.baseline.owner.as_ref().map(|agreed| match &agreed.issue {
        Owner::Nobody => "nobody".to_owned(),
        Owner::Person(person) => person.to_string(),
        Owner::Unmapped(name) => name.clone(),
    });
    Tie {
        finding: link.finding.to_string(),
        issue: link.issue.key.clone(),
        id: link.issue.id.id.clone(),
        owner,
        status: link.baseline.progress.as_ref().map(|agreed| agreed.issue.to_string()),
        read: link.seen.updated.timestamp_millis(),
    }
}

/// The unresolved findings, and whether they are claimed done.
fn claimed(register: &Register) -> BTreeMap<String, bool> {
    let unresolved = register.findings.values().filter(|finding| finding.state.is_unresolved());
    unresolved.map(|finding| (finding.key.to_string(), finding.state == State::PendingVerification)).collect()
}

fn in_state(register: &Register, state: State) -> Vec<String> {
    let found = register.findings.values().filter(|finding| finding.state == state);
    found.map(|finding| finding.key.to_string()).collect()
}
