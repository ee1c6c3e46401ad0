//! Documents that were edited where they stand come to the same by themselves as with all others, or nothing is said of them.

use postmortem_sync::{
    model::{deadline::Policy, ids::SourceName, observed::Observed, postmortem::Document, terms::Tlp},
    plan::intake::{
        Intake, Listing, Terms,
        documents::{Records, changes},
        edited::{Edited, take_in_edited},
        take_in,
    },
};
use proptest::prelude::*;

use super::{Register, document, item, listing, named, with};
use crate::build::{date, minutes, now, people};

/// Words that items are made of: some are alike, and several documents have the same.
const TITLES: [&str; 6] = [
    "Rotate the signing keys",
    "Rotate the signing keys of the backup",
    "Ask the vendor for its audit log",
    "Close the open port",
    "Train people on call",
    "Write the procedure down",
];

/// What somebody does to a document.
#[derive(Clone, Debug)]
enum Edit {
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
            Edit::Drop(_) | Edit::Unreadable => {}
            Edit::Class(n) => {
                postmortem.tlp = [Tlp::Green, Tlp::Amber, Tlp::Red][*n];
            }
            Edit::Id(n) => postmortem.id = format!("PM-{n}").as_str().into(),
            Edit::Derived => postmortem.id_derived = !postmortem.id_derived,
            Edit::Draft => postmortem.draft = !postmortem.draft,
        }
    })
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

/// What the register knows of documents after they were taken in.
fn records(listing: &Listing, intake: &Intake) -> Records {
    let put = changes(now(), &Records::new(), std::slice::from_ref(listing), intake).put;
    put.into_iter().map(|record| (record.key.clone(), record)).collect()
}

/// The documents at some places, as edited ones.
fn edited(known: &Records, documents: &[Document]) -> Edited {
    let source = SourceName::from("postmortems");
    let paths = documents.iter().map(|document| document.path.clone());
    let is_one = |path: &str| documents.iter().any(|document| document.path == path);
    let known = known.iter().filter(|(key, _)| is_one(&key.path));
    Edited {
        files: [(source, paths.collect())].into(),
        known: known.map(|(key, record)| (key.clone(), record.clone())).collect(),
        same: Vec::new(),
    }
}

/// What the edited documents come to by themselves, and with all others.
fn both(before: &[Document], edits: &[(usize, Edit)]) -> (Register, Option<Intake>, Intake) {
    let (people, policy) = (people(), Policy::review_default());
    let terms = Terms { people: &people, policy: &policy, now: now() };
    let all = listing(before.to_vec());
    let first = take_in(terms, &Register::new(), std::slice::from_ref(&all));
    let (register, known) = (first.findings.clone(), records(&all, &first));
    let mut after = before.to_vec();
    for (n, edit) in edits {
        if let Some(document) = after.get_mut(*n) {
            *document = done(document.clone(), edit);
        }
    }
    let changed: Vec<Document> =
        after.iter().filter(|document| !before.contains(document)).cloned().collect();
    let edited = edited(&known, &changed);
    let ids = edited.write_ups();
    // One other finding is open as well, because it is due.
    let other = register.iter().find(|(_, finding)| !ids.contains(&finding.stated.postmortem));
    let theirs = register.iter().filter(|(_, finding)| ids.contains(&finding.stated.postmortem));
    let opened = theirs.chain(other).map(|(key, finding)| (key.clone(), finding.clone())).collect();
    let terms = Terms { now: minutes(5), ..terms };
    let part = take_in_edited(terms, &opened, &edited, &[listing(changed)]);
    (register.clone(), part, take_in(terms, &register, &[listing(after)]))
}

proptest! {
    #[test]
    fn what_edited_documents_come_to_by_themselves_they_come_to_with_all_others(
        before in write_ups(),
        edits in prop::collection::vec((0_usize..4, edit()), 1..4),
    ) {
        let (register, part, whole) = both(&before, &edits);
        let Some(part) = part else { return Ok(()) };
        for (key, finding) in &whole.findings {
            let alone = part.findings.get(key).or_else(|| register.get(key));
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
    }
}

#[test]
fn a_path_that_another_source_has_as_well_is_told() {
    let documents = [document("PM-0", &[item(TITLES[0])]), document("PM-1", &[item(TITLES[1])])];
    let (people, policy) = (people(), Policy::review_default());
    let terms = Terms { people: &people, policy: &policy, now: now() };
    let all = listing(documents.to_vec());
    let mut known = records(&all, &take_in(terms, &Register::new(), std::slice::from_ref(&all)));
    let one = edited(&known, &documents[..1]);
    assert!(!one.shares_a_path(&known));
    let (mut key, record) =
        known.first_key_value().map(|(key, record)| (key.clone(), record.clone())).unwrap();
    key.source = "others".into();
    known.insert(key, record);
    assert!(one.shares_a_path(&known));
}

#[test]
fn an_edit_in_place_needs_no_other_document_and_whatever_comes_or_goes_does() {
    let items = [named("F1", TITLES[0]), item(TITLES[3])];
    let before = [document("PM-0", &items), document("PM-1", &[item(TITLES[4])])];
    let alone = |edits: &[(usize, Edit)]| both(&before, edits).1;
    let taken = alone(&[(0, Edit::Owner(0)), (0, Edit::Class(2)), (1, Edit::Owner(0))]).unwrap();
    assert_eq!((taken.changed.len(), taken.findings.len()), (3, 3));
    assert_eq!(taken.findings[&"PM-0/F1".into()].clock.anchor, date("2026-03-01"));
    for edit in [
        Edit::Add(1, false),
        Edit::Add(1, true),
        Edit::Drop(0),
        Edit::Title(1, 2),
        Edit::Id(1),
        Edit::Id(7),
        Edit::Unreadable,
    ] {
        assert!(alone(&[(0, edit.clone())]).is_none(), "{edit:?}");
    }
    let gone = Listing { documents: Observed::unknown("no such folder"), ..listing(Vec::new()) };
    let (people, policy) = (people(), Policy::review_default());
    let terms = Terms { people: &people, policy: &policy, now: now() };
    let first = take_in(terms, &Register::new(), &[listing(before.to_vec())]);
    let one = edited(&records(&listing(before.to_vec()), &first), &before[..1]);
    assert!(take_in_edited(terms, &first.findings, &one, &[gone]).is_none());
    assert!(take_in_edited(terms, &first.findings, &one, &[]).is_none());
}
