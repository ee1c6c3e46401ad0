//! What a cycle leaves alone because a row of the register is not as its history says.
//!
//! Knows which rows belong together. It stops for those and for nothing else: everything else goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{
        cycle::{Note, NoteKind},
        finding::Finding,
        ids::{FindingKey, PlaceName, TrackerName},
        issue::IssueId,
        link::Link,
        misfit::{Misfit, WHAT_TO_DO},
        register::{PinnedPlace, Register},
        rule::Rule,
    },
    plan::{
        action::Plan,
        intake::{Intake, lost},
        reads::destination,
        snapshot::Row,
    },
};

/// What is left alone.
#[derive(Clone, Debug, Default)]
pub struct Stopped {
    /// Every finding, because who the register is does not fit.
    everything: bool,
    /// Findings, with what stops each.
    findings: BTreeMap<FindingKey, String>,
    /// Write-ups that are not taken in: a finding of theirs does not fit, and would be taken for a new one.
    write_ups: BTreeSet<String>,
    /// Places whose pin does not fit.
    places: BTreeSet<(TrackerName, PlaceName)>,
    notes: Vec<Note>,
}

impl Stopped {
    /// What the misfits of a register stop.
    pub fn of(register: &Register) -> Self {
        let mut stopped = Self::default();
        for misfit in &register.misfits {
            stopped.everything |= misfit.is_of_register();
            stopped.places.extend(misfit.place());
            if let Some(finding) = misfit.row.finding() {
                stopped.write_ups.insert(write_up(&finding).to_owned());
                stopped.findings.entry(finding).or_insert_with(|| misfit.why());
            }
            stopped.notes.push(misfit.note());
        }
        stopped.spread(register);
        stopped
    }

    /// Findings that share an issue are decided on together: what stops one of them stops all.
    fn spread(&mut self, register: &Register) {
        let mut issues: BTreeSet<IssueId> = register.misfits.iter().filter_map(Misfit::issue).collect();
        loop {
            let of_stopped = |link: &&Link| self.findings.contains_key(&link.finding);
            issues.extend(register.links.iter().filter(of_stopped).map(|link| link.issue.id.clone()));
            let sharing: Vec<&FindingKey> = register
                .links
                .iter()
                .filter(|link| issues.contains(&link.issue.id) && !self.findings.contains_key(&link.finding))
                .map(|link| &link.finding)
                .collect();
            if sharing.is_empty() {
                return;
            }
            for finding in sharing {
                self.stop(finding, "it shares an issue with a finding that does not fit its history");
            }
        }
    }

    fn stop(&mut self, finding: &FindingKey, why: &str) {
        self.notes.push(Note::new(NoteKind::Misfit, why).of(finding));
        self.findings.insert(finding.clone(), why.to_owned());
    }

    /// Why nothing is done for a finding; none when nothing stands in its way.
    pub fn why(&self, finding: &FindingKey) -> Option<&str> {
        match self.findings.get(finding) {
            Some(why) => Some(why),
            None if self.everything => Some("who the register is does not fit its history"),
            None => None,
        }
    }

    /// Why nothing is taken in for the write-up of a finding; none when nothing stands in its way.
    pub fn holds_intake(&self, finding: &FindingKey) -> Option<String> {
        let held = self.everything || self.write_ups.contains(write_up(finding));
        held.then(|| {
            format!(
                "`{}` is not taken in: a row does not fit its history until {WHAT_TO_DO}",
                write_up(finding)
            )
        })
    }

    /// Leaves out of an intake what concerns a write-up of which a finding does not fit: the register keeps what it had.
    pub fn hold_intake(&self, intake: &mut Intake, before: &BTreeMap<FindingKey, Finding>) {
        let held = |finding: &FindingKey| self.holds_intake(finding).is_some();
        if !self.everything && self.write_ups.is_empty() {
            return;
        }
        for taken in intake.taken.values_mut() {
            taken.held = self.everything || self.write_ups.contains(taken.id.as_str());
        }
        intake.changed.retain(|key| !held(key));
        intake.entries.retain(|entry| !entry.finding.as_ref().is_some_and(held));
        intake.findings.retain(|key, _| !held(key));
        let kept = before.iter().filter(|(key, _)| held(key));
        intake.findings.extend(kept.map(|(key, finding)| (key.clone(), finding.clone())));
    }

    /// Leaves out of an intake what may be a finding that the history knows and the register has not, and says so.
    pub fn hold_lost(&mut self, intake: &mut Intake, register: &Register) {
        let told = lost::keep_out(intake, &register.findings, &register.lost);
        let note = |why| Note::new(NoteKind::Held, why);
        self.notes.extend(told.into_iter().map(note));
    }

    /// Stops for findings that are followed, or would be, in a place whose pin does not fit.
    pub fn hold_places(&mut self, register: &Register, rules: &[Rule]) {
        if self.places.is_empty() {
            return;
        }
        let is_held = |tracker: &TrackerName, place: &PlaceName| {
            self.places.contains(&(tracker.clone(), place.clone()))
        };
        let followed = register
            .links
            .iter()
            .filter(|link| {
                is_held(&link.tracker, &link.destination) || is_held(&link.tracker, &link.issue.place)
            })
            .map(|link| &link.finding);
        let sent = register.intents.iter().filter(|intent| is_held(&intent.tracker, &intent.place));
        let routed = register.findings.values().filter(|finding| {
            destination(rules, finding).is_some_and(|(tracker, place)| is_held(tracker, place))
        });
        let held: BTreeSet<FindingKey> = followed
            .chain(sent.map(|intent| &intent.finding))
            .chain(routed.map(|finding| &finding.key))
            .filter(|key| !self.findings.contains_key(key))
            .cloned()
            .collect();
        for finding in &held {
            self.stop(finding, "the pin of its place does not fit its history");
        }
        self.spread(register);
    }

    /// Leaves out rows that nothing may be decided on.
    pub fn hold_rows(&self, rows: &mut Vec<Row>) {
        rows.retain(|row| !row.findings.iter().any(|member| self.why(&member.finding.key).is_some()));
    }

    /// Leaves out places whose pin does not fit.
    pub fn hold_swept(&self, swept: &mut Vec<PinnedPlace>) {
        swept.retain(|place| {
            !self.everything && !self.places.contains(&(place.tracker.clone(), place.place.clone()))
        });
    }

    /// Says in a plan what is left alone.
    pub fn tell(&self, plan: &mut Plan) {
        plan.notes.extend(self.notes.iter().cloned());
        plan.sort();
    }
}

/// The write-up that a finding belongs to, by its key.
fn write_up(finding: &FindingKey) -> &str {
    finding.as_str().rsplit_once('/').map_or(finding.as_str(), |(write_up, _)| write_up)
}
