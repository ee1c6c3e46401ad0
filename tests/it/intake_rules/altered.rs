//! Documents that came, went or were edited come to the same by themselves as with all others, or nothing is said of them.

use std::collections::BTreeSet;

use postmortem_sync::{
    model::{
        deadline::Policy,
        document::{DocumentKey, DocumentRecord},
        ids::{FindingKey, SourceName},
        observed::Observed,
        postmortem::Document,
        terms::Tlp,
    },
    plan::{
        identity::normalised,
        intake::{
            Intake, Listing, Terms,
            altered::{Altered, Others, take_in_altered},
            documents::{Records, changes},
            take_in,
        },
    },
};
use proptest::prelude::*;

use super::{Register, document, item, listing, named, with};
use crate::build::{minutes, now, people};

/// Words that items are made of: some are alike, and several documents have the same.
const TITLES: [&str; 6] = [
    "Rotate the signing keys",
    "Rotate the signing keys of the backup",
    "Ask the vendor for its audit log",
    "Close the open port",
    "Train people on call",
    "Write the procedure down",
];

/// What somebody does to a document, or beside it.
#[derive(Clone, Debug)]
enum Edit {
    Came(usize, usize, bool),
    Copied(usize),
    Moved(usize),
    Went,
    Owner(usize),
    Title(usize, usize),
    Add(usize, bool),
    Drop(usize),
    Class(usize),
    Id(usize),
    Derived,
    Draft,
    Unreadable,
}

fn edit() -> impl Strategy<Value = Edit> {
    let (n, title) = (0_usize..4, 0..TITLES.len());
    prop_oneof![
        4 => (0_usize..3).prop_map(Edit::Owner),
        4 => (n.clone(), title.clone()).prop_map(|(n, title)| Edit::Title(n, title)),
        2 => (title, any::<bool>()).prop_map(|(title, named)| Edit::Add(title, named)),
        2 => n.clone().prop_map(Edit::Drop),
        2 => (0_usize..3).prop_map(Edit::Class),
        1 => n.prop_map(Edit::Id),
        1 => Just(Edit::Derived),
        1 => Just(Edit::Draft),
        1 => Just(Edit::Unreadable),
        4 => (0_usize..6, 0..TITLES.len(), any::<bool>())
            .prop_map(|(id, title, derived)| Edit::Came(id, title, derived)),
        1 => (0_usize..9).prop_map(Edit::Copied),
        2 => (0_usize..9).prop_map(Edit::Moved),
        3 => Just(Edit::Went),
    ]
}

fn done(document: Document, edit: &Edit) -> Document {
    if matches!(edit, Edit::Unreadable) {
        return super::unreadable(document);
    }
    with(document, |postmortem| {
        let items = &mut postmortem.findings;
        match edit {
            Edit::Owner(n) => {
                let owner = [Some("ana"), Some("nobody we know"), None][*n];
                items.iter_mut().for_each(|item| item.owner = owner.map(str::to_owned));
            }
            Edit::Title(n, title) => {
                if let Some(item) = items.get_mut(*n) {
                    TITLES[*title].clone_into(&mut item.title);
                }
            }
            Edit::Add(title, false) => items.push(item(TITLES[*title])),
            Edit::Add(title, true) => items.push(named("F9", TITLES[*title])),
            Edit::Drop(n) if *n < items.len() => drop(items.remove(*n)),
            Edit::Drop(_)
            | Edit::Unreadable
            | Edit::Came(..)
            | Edit::Copied(_)
            | Edit::Moved(_)
            | Edit::Went => {}
            Edit::Class(n) => {
                postmortem.tlp = [Tlp::Green, Tlp::Amber, Tlp::Red][*n];
            }
            Edit::Id(n) => postmortem.id = format!("PM-{n}").as_str().into(),
            Edit::Derived => postmortem.id_derived = !postmortem.id_derived,
            Edit::Draft => postmortem.draft = !postmortem.draft,
        }
    })
}

/// The documents after somebody did something to one of them.
fn after(mut documents: Vec<Document>, n: usize, edit: &Edit) -> Vec<Document> {
    let at = |n: usize| format!("elsewhere/{n}.md");
    match edit {
        Edit::Came(id, title, derived) => {
            let came = document(&format!("PM-{id}"), &[item(TITLES[*title])]);
            let came = with(came, |postmortem| postmortem.id_derived = *derived);
            documents.push(Document { path: at(*id), ..came });
        }
        Edit::Copied(to) => {
            let copy = documents.get(n).map(|document| Document { path: at(*to), ..document.clone() });
            documents.extend(copy);
        }
        Edit::Moved(to) => {
            if let Some(document) = documents.get_mut(n) {
                document.path = at(*to);
            }
        }
        Edit::Went if documents.len() > 1 && n < documents.len() => drop(documents.remove(n)),
        _ => {
            if let Some(document) = documents.get_mut(n) {
                *document = done(document.clone(), edit);
            }
        }
    }
    let mut paths = BTreeSet::new();
    documents.retain(|document| paths.insert(document.path.clone()));
    for document in &mut documents {
        document.hash = document.postmortem.known().map(|said| format!("{said:?}")).unwrap_or_default();
    }
    documents
}

/// Some write-ups of some items each, and an id for some of those.
fn write_ups() -> impl Strategy<Value = Vec<Document>> {
    let items = prop::collection::vec((0..TITLES.len(), any::<bool>()), 0..4);
    prop::collection::vec((items, any::<bool>()), 2..5).prop_map(|all| {
        let of = |(n, (items, derived)): (usize, (Vec<(usize, bool)>, bool))| {
            let item = |(at, (title, has_id)): (usize, &(usize, bool))| match has_id {
                true => named(&format!("F{}", at + 1), TITLES[*title]),
                false => item(TITLES[*title]),
            };
            let items: Vec<_> = items.iter().enumerate().map(item).collect();
            with(document(&format!("PM-{n}"), &items), |postmortem| postmortem.id_derived = derived)
        };
        all.into_iter().enumerate().map(of).collect()
    })
}

/// The register and what it knows of documents, and the documents themselves.
#[derive(Clone)]
struct World {
    register: Register,
    known: Records,
    documents: Vec<Document>,
}

impl World {
    /// Nothing is known yet.
    fn of(documents: Vec<Document>) -> Self {
        Self { register: Register::new(), known: Records::new(), documents }
    }

    /// What all documents come to.
    fn whole(&self, at: i64) -> Intake {
        let (people, policy) = (people(), Policy::review_default());
        let terms = Terms { people: &people, policy: &policy, now: minutes(at) };
        take_in(terms, &self.register, &[listing(self.documents.clone())])
    }

    /// Takes all of them in.
    fn taken_in(mut self, at: i64) -> Self {
        let intake = self.whole(at);
        let changes = changes(minutes(at), &self.known, (&[listing(self.documents.clone())], false), &intake);
        self.known.retain(|key, _| !changes.forgotten.contains(key));
        self.known.extend(changes.put.into_iter().map(|record| (record.key.clone(), record)));
        self.register = intake.findings;
        self
    }

    fn edited(mut self, edits: &[(usize, Edit)]) -> Self {
        for (n, edit) in edits {
            self.documents = after(self.documents, *n, edit);
        }
        self
    }

    fn present(&self) -> impl Iterator<Item = (&DocumentKey, &DocumentRecord)> {
        self.known.iter().filter(|(_, record)| record.state.gone.is_none())
    }

    /// Whether whoever looks for what is altered would be told: everything was taken in, and nothing waits.
    fn is_settled(&self, intake: &Intake) -> bool {
        self.present().all(|(_, record)| record.state.taken_in)
            && !intake
                .diagnostics
                .iter()
                .any(|noted| ["findings_vanished", "id_kept"].contains(&noted.code.as_str()))
    }

    fn read_again(&self, paths: &BTreeSet<String>) -> Vec<Listing> {
        let documents = self.documents.iter().filter(|document| paths.contains(&document.path));
        vec![listing(documents.cloned().collect())]
    }

    /// What is not as it was, and all that it is held against.
    fn altered(&self) -> (Altered, Vec<Listing>) {
        let source = SourceName::from("postmortems");
        let is_same = |document: &Document| {
            self.present()
                .any(|(key, record)| key.path == document.path && record.same.digest == document.hash)
        };
        let paths: BTreeSet<String> = self
            .documents
            .iter()
            .filter(|document| !is_same(document))
            .map(|document| document.path.clone())
            .collect();
        let is_there = |path: &str| self.documents.iter().any(|document| document.path == path);
        let known = self.present().filter(|(key, _)| paths.contains(&key.path) || !is_there(&key.path));
        let mut altered = Altered {
            known: known.map(|(key, record)| (key.clone(), record.clone())).collect(),
            files: [(source.clone(), paths)].into(),
            same: Vec::new(),
        };
        let listings = loop {
            let listings = self.read_again(&altered.files[&source]);
            let rivals = altered.rivals(&self.known, &listings);
            if rivals.is_empty() {
                break listings;
            }
            altered.add(rivals, &self.known);
        };
        if altered.is_shaken(&listings) {
            let gone = self.known.iter().filter(|(_, record)| record.state.gone.is_some());
            altered.known.extend(gone.map(|(key, record)| (key.clone(), record.clone())));
        }
        (altered, listings)
    }

    /// What the altered documents come to by themselves, with one other finding that is open because it is due.
    fn part(&self, at: i64) -> Option<Intake> {
        let (people, policy) = (people(), Policy::review_default());
        let terms = Terms { people: &people, policy: &policy, now: minutes(at) };
        let (altered, listings) = self.altered();
        let ids = altered.write_ups(&listings);
        let other = self.register.iter().find(|(_, finding)| !ids.contains(&finding.stated.postmortem));
        let read = listings.iter().filter_map(|listing| listing.documents.known()).flatten();
        let items = read.filter_map(|document| document.postmortem.known()).flat_map(|said| &said.findings);
        let titles: BTreeSet<String> = items.map(|item| normalised(&item.title)).collect();
        let files: BTreeSet<&str> = altered.files.values().flatten().map(String::as_str).collect();
        let is_asked = |(_, finding): &(_, &_)| {
            let finding: &postmortem_sync::model::finding::Finding = finding;
            ids.contains(&finding.stated.postmortem)
                || titles.contains(&normalised(&finding.stated.words_inside().title))
                || files.contains(finding.stated.path.as_str())
        };
        let opened = self.register.iter().filter(is_asked).chain(other);
        let opened = opened.map(|(key, finding)| (key.clone(), finding.clone())).collect();
        take_in_altered(terms, &opened, &altered, &listings, &Others::of(&self.known, &altered))
    }
}

/// Enough other findings that a few may vanish.
fn crowd() -> Vec<Document> {
    let items: Vec<_> = (0..20).map(|n| item(&format!("Something else altogether, number {n}"))).collect();
    vec![document("PM-crowd", &items)]
}

fn edits() -> impl Strategy<Value = Vec<(usize, Edit)>> {
    prop::collection::vec((0_usize..5, edit()), 1..4)
}

proptest! {
    #[test]
    fn what_altered_documents_come_to_by_themselves_they_come_to_with_all_others(
        before in write_ups(),
        earlier in edits(),
        edits in edits(),
    ) {
        let before = World::of([before, crowd()].concat()).edited(&[]).taken_in(0).edited(&earlier);
        let intake = before.whole(1);
        let stood = before.taken_in(1);
        if !stood.is_settled(&intake) {
            return Ok(());
        }
        let world = stood.edited(&edits);
        let Some(part) = world.part(5) else { return Ok(()) };
        let whole = world.whole(5);
        for (key, finding) in &whole.findings {
            let alone = part.findings.get(key).or_else(|| world.register.get(key));
            prop_assert_eq!(alone, Some(finding));
        }
        prop_assert_eq!(&part.changed, &whole.changed);
        prop_assert_eq!(&part.unreadable, &whole.unreadable);
        prop_assert_eq!(&part.entries, &whole.entries);
        for (key, taken) in &part.taken {
            prop_assert_eq!(whole.taken.get(key), Some(taken));
        }
        for noted in &part.diagnostics {
            prop_assert!(whole.diagnostics.contains(noted), "{:?}", noted);
        }
        // What is known of documents afterwards is the same as well.
        let (altered, listings) = world.altered();
        let some = changes(minutes(5), &altered.known, (&listings, true), &part);
        let all = changes(minutes(5), &world.known, (&[listing(world.documents.clone())], false), &whole);
        prop_assert_eq!(some, all);
    }
}

#[test]
fn a_path_that_another_source_has_as_well_is_told() {
    let documents = vec![document("PM-0", &[item(TITLES[0])]), document("PM-1", &[item(TITLES[1])])];
    let mut world = World::of(documents).taken_in(0).edited(&[(0, Edit::Owner(0))]);
    let (one, _) = world.altered();
    assert!(!one.shares_a_path(&world.known));
    let (mut key, record) =
        world.known.first_key_value().map(|(key, record)| (key.clone(), record.clone())).unwrap();
    key.source = "others".into();
    world.known.insert(key, record);
    assert!(one.shares_a_path(&world.known));
}

fn stood() -> World {
    let items = [named("F1", TITLES[0]), item(TITLES[3])];
    let before = vec![document("PM-0", &items), document("PM-1", &[item(TITLES[4])])];
    World::of([before, crowd()].concat()).edited(&[]).taken_in(0)
}

/// What alterations come to alone: how many findings changed, if that can be told.
fn alone(edits: &[(usize, Edit)]) -> Option<Vec<String>> {
    let part = stood().edited(edits).part(5)?;
    Some(part.changed.iter().map(ToString::to_string).collect())
}

#[test]
fn whatever_is_done_to_a_document_others_are_seldom_needed() {
    let is = |keys: &[&str]| Some(keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
    assert_eq!(alone(&[(0, Edit::Owner(0)), (0, Edit::Class(2))]), is(&["PM-0/F1", "PM-0/F2"]));
    assert_eq!(alone(&[(0, Edit::Add(1, false))]), is(&["PM-0/F3"]));
    assert_eq!(alone(&[(0, Edit::Drop(0))]), is(&["PM-0/F1"]));
    assert_eq!(alone(&[(1, Edit::Went)]), is(&["PM-1/F1"]));
    assert_eq!(alone(&[(1, Edit::Came(5, 5, false))]), is(&["PM-5/F1"]));
    assert_eq!(alone(&[(1, Edit::Moved(3))]), is(&["PM-1/F1"]));
    assert_eq!(alone(&[(0, Edit::Unreadable)]), None);
    assert_eq!(alone(&[(1, Edit::Copied(3))]), None, "which of the two it is, only a person can say");
    assert_eq!(alone(&[(2, Edit::Went)]), None, "most of all findings vanish");
}

#[test]
fn what_comes_is_as_strict_as_what_went() {
    let world = stood().edited(&[(1, Edit::Class(2))]).taken_in(1).edited(&[(1, Edit::Went)]).taken_in(2);
    let world = world.edited(&[(1, Edit::Came(5, 4, false))]);
    assert_eq!(world.part(5).unwrap().findings[&"PM-5/F1".into()].stated.tlp, Tlp::Red);
}

#[test]
fn what_went_from_a_source_that_nobody_asks_any_more_is_in_nobodys_way() {
    let mut world = stood().edited(&[(1, Edit::Went)]).taken_in(1);
    let gone = world.known.iter().find(|(_, record)| record.state.gone.is_some()).unwrap();
    let (mut key, record) = (gone.0.clone(), gone.1.clone());
    world.known.remove(&key);
    key.source = "former".into();
    world.register.get_mut(&"PM-1/F1".into()).unwrap().stated.source = "former".into();
    world.known.insert(key.clone(), DocumentRecord { key, ..record });
    let part = world.edited(&[(1, Edit::Came(5, 5, false))]).part(5).unwrap();
    assert!(part.changed.iter().eq([&FindingKey::from("PM-5/F1")]), "{:?}", part.changed);
}

#[test]
fn a_source_that_cannot_be_listed_says_nothing() {
    let world = stood().edited(&[(0, Edit::Owner(0))]);
    let (people, policy) = (people(), Policy::review_default());
    let terms = Terms { people: &people, policy: &policy, now: now() };
    let (altered, _) = world.altered();
    let gone = Listing { documents: Observed::unknown("no such folder"), ..listing(Vec::new()) };
    let others = Others::of(&world.known, &altered);
    assert!(take_in_altered(terms, &world.register, &altered, &[gone], &others).is_none());
    assert!(take_in_altered(terms, &world.register, &altered, &[], &others).is_none());
}
