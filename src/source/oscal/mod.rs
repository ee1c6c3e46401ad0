//! OSCAL plans of action and milestones, 1.0.4 to 1.1, in JSON or YAML (pages.nist.gov/OSCAL): one item, one finding.
//!
//! Knows the shape of a plan and where it contradicts itself. What an item refers to and is not there is told, never guessed and never
//! dropped silently.

mod item;
mod shape;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use self::shape::{File, Metadata, Party, Plan, Risk};
use super::{MOST_FINDINGS, SPLIT, date, identity, place::Notes, strict::complain};
use crate::model::{
    fate::Tally,
    ids::PostmortemId,
    postmortem::{Candidate, DocumentFinding, Level, Postmortem},
    terms::Tlp,
    tree::{Schema, Tree},
};

/// The key that makes a file a plan.
const ROOT: &str = "plan-of-action-and-milestones";

/// The schema of what is read, made once.
static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::new(schemars::schema_for!(File).to_value()));

/// Whether a tree is a plan.
pub(super) fn is_plan(tree: &Tree) -> bool {
    tree.value.get(ROOT).is_some()
}

/// Reads a plan. None, with errors noted, when its shape or its version is another one.
pub(super) fn read(path: &str, tree: &Tree, notes: &mut Notes) -> Option<Postmortem> {
    let complaints = tree.check(&SCHEMA);
    for complaint in &complaints {
        complain(notes, "invalid_document", complaint);
    }
    if !complaints.is_empty() {
        return None;
    }
    let plan = match serde_json::from_value::<File>(tree.value.clone()) {
        Ok(file) => file.plan,
        Err(error) => {
            let message = format!("the plan cannot be read: {error}");
            notes.add(Level::Error, "invalid_document", (1, 1), message, "compare it with the OSCAL schema");
            return None;
        }
    };
    let mut reader = Reader::of(tree, &plan, notes);
    reader.check_version(&plan.metadata);
    if plan.poam_items.len() > MOST_FINDINGS {
        let message = format!(
            "the plan has {} items, more than the {MOST_FINDINGS} that are read of one document",
            plan.poam_items.len()
        );
        let at = format!("/poam-items/{MOST_FINDINGS}");
        reader.tell(Level::Error, "too_many_findings", &at, message, SPLIT);
        return None;
    }
    for (n, item) in plan.poam_items.iter().enumerate() {
        item::read(&mut reader, n, item);
    }
    reader.check_whole();
    let Reader { findings, candidates, .. } = reader;
    notes.refused().is_none().then(|| postmortem(path, plan.metadata, findings, candidates))
}

fn postmortem(
    path: &str,
    metadata: Metadata,
    findings: Vec<DocumentFinding>,
    candidates: Vec<Candidate>,
) -> Postmortem {
    let stated = metadata.document_ids.first().map(|id| PostmortemId::new(identity::slug(&id.identifier)));
    Postmortem {
        id_derived: stated.is_none(),
        id: stated.unwrap_or_else(|| identity::of_path(path)),
        title: metadata.title,
        url: None,
        tlp: Tlp::Amber,
        marked: None,
        draft: false,
        published: metadata.published.as_deref().and_then(date::when),
        reviewers: Vec::new(),
        authors: Vec::new(),
        severity: None,
        severity_unclear: None,
        incident: None,
        owner: None,
        team: None,
        findings,
        candidates,
        coverage: Tally::default(),
        fates: Vec::new(),
    }
}

/// A plan that is being read, and what was found in it so far.
struct Reader<'a> {
    tree: &'a Tree,
    notes: &'a mut Notes,
    /// Risks with their places in the list, by uuid in lower case: some tools write capitals.
    risks: BTreeMap<String, (usize, &'a Risk)>,
    observations: BTreeSet<String>,
    parties: BTreeMap<String, &'a Party>,
    findings: Vec<DocumentFinding>,
    candidates: Vec<Candidate>,
    /// Ids of the items, with their lines.
    ids: BTreeMap<String, usize>,
}

impl<'a> Reader<'a> {
    fn of(tree: &'a Tree, plan: &'a Plan, notes: &'a mut Notes) -> Self {
        let risks =
            plan.risks.iter().enumerate().map(|(n, risk)| (risk.uuid.to_ascii_lowercase(), (n, risk)));
        let observations = plan.observations.iter().map(|seen| seen.uuid.to_ascii_lowercase());
        let parties = plan.metadata.parties.iter().map(|party| (party.uuid.to_ascii_lowercase(), party));
        Self {
            tree,
            notes,
            risks: risks.collect(),
            observations: observations.collect(),
            parties: parties.collect(),
            findings: Vec::new(),
            candidates: Vec::new(),
            ids: BTreeMap::new(),
        }
    }

    fn tell(&mut self, level: Level, code: &str, pointer: &str, message: String, help: &str) {
        let place = self.tree.position(&format!("/{ROOT}{pointer}"));
        self.notes.add(level, code, place, message, help);
    }

    fn line(&self, pointer: &str) -> usize {
        self.tree.position(&format!("/{ROOT}{pointer}")).0
    }

    fn check_version(&mut self, metadata: &Metadata) {
        let numbers: Vec<Option<u32>> =
            metadata.oscal_version.split('.').map(|number| number.parse().ok()).collect();
        let known = match numbers.as_slice() {
            [Some(1), Some(0), Some(patch)] => *patch >= 4,
            [Some(1), Some(1), Some(_)] => true,
            _ => false,
        };
        if !known {
            let message = format!("OSCAL `{}` is not read", metadata.oscal_version);
            let help = "convert the plan to a version from 1.0.4 to 1.1";
            self.tell(Level::Error, "unsupported_version", "/metadata/oscal-version", message, help);
        }
    }

    /// Warns when nothing will be followed: a plan without findings is never passed over in silence.
    fn check_whole(&mut self) {
        if self.findings.is_empty() && self.candidates.is_empty() {
            let message = "the plan has no items, so nothing of it is followed".to_owned();
            self.tell(Level::Warning, "empty_action_section", "/poam-items", message, "");
        } else if self.findings.is_empty() {
            let message = format!(
                "nothing of this plan is followed, and what may be actions waits for a person: {}",
                self.candidates.len()
            );
            self.tell(Level::Warning, "only_candidates", "/poam-items", message, "");
        }
    }
}
