//! Four eyes: whoever had a part in a finding decides nothing about it, whatever is so by then.

mod parts;
mod stories;

use postmortem_sync::{
    model::{
        finding::{Claimant, Finding, Owner},
        ids::PersonId,
        involvement::{Involvement, Part, Party},
        issue::{Field, TrackerKind},
        people::Person,
        terms::{Class, State, Tlp, Verdict},
    },
    review::{
        act::Act,
        class, decision,
        refusal::Refusal,
        roles::{self, Verb},
    },
};

use super::review_build::{Desk, at, day, evidence, finding, pending};

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// It is let through.
    Through,
    /// They may not in this role.
    NoRole,
    /// They had a part.
    Part,
}

/// Who tries, in the order of the columns below.
const COLUMNS: [&str; 14] = [
    "reviewer without a part",
    "owner now",
    "owner before",
    "assigned to its issue",
    "account that is mapped by now",
    "closer",
    "author of the document that claims it",
    "who moved it away from themselves",
    "who named the claimant",
    "second entry of somebody with a part",
    "part in an earlier episode",
    "named by a reviewer",
    "named by the document only",
    "no reviewer",
];

/// The table of `config/README.md`, cell by cell: `+` let through, `r` wrong role, `p` had a part.
const TABLE: [(Verb, &str); 27] = [
    (Verb::Assign, "++++++++++++++"),
    (Verb::Verify, "+ppppppppp++rr"),
    (Verb::Extend, "+ppppppppp+rrr"),
    (Verb::Waive, "+ppppppppp+rrr"),
    (Verb::Dismiss, "+ppppppppp+rrr"),
    (Verb::LinkItem, "+ppppppppp+rrr"),
    (Verb::Reject, "++++++++++++rr"),
    (Verb::Review, "++++++++++++rr"),
    (Verb::Settle, "++++++++++++rr"),
    (Verb::Classify, "++++++++++++rr"),
    (Verb::MakeLaxer, "+++++++++++rrr"),
    (Verb::NameClaimant, "++++++++++++rr"),
    (Verb::Reopen, "+++++++++++rrr"),
    (Verb::NameReviewer, "+++++++++++rrr"),
    (Verb::AdoptLink, "+++++++++++rrr"),
    (Verb::DetachLink, "+++++++++++rrr"),
    (Verb::RebindLink, "+++++++++++rrr"),
    (Verb::ApproveConfiguration, "+++++++++++rrr"),
    (Verb::LiftLimits, "+++++++++++rrr"),
    (Verb::AcceptCandidate, "+++++++++++rrr"),
    (Verb::ApproveVanished, "+++++++++++rrr"),
    (Verb::IgnoreCitation, "+++++++++++rrr"),
    (Verb::Retry, "+++++++++++rrr"),
    (Verb::AcceptRow, "+++++++++++rrr"),
    (Verb::AcceptPlace, "+++++++++++rrr"),
    (Verb::RetirePlace, "+++++++++++rrr"),
    (Verb::MoveRegister, "+++++++++++rrr"),
];

/// Somebody at a desk, before a finding.
fn column(name: &str, finding: &mut Finding) -> Desk {
    let part = |part: Part, party: Party, episode: u32| Involvement {
        finding: finding.key.clone(),
        episode,
        part,
        party,
        at: at("2026-02-21T09:00:00Z"),
    };
    let rita = || Party::Person("rita".into());
    let account = |account: &str| Party::Account { kind: TrackerKind::Github, account: account.into() };
    let mut desk = Desk::of(match name {
        "named by a reviewer" | "named by the document only" | "no reviewer" => "carl",
        "second entry of somebody with a part" => "rita-2",
        _ => "rita",
    });
    match name {
        "owner now" => finding.owner = Owner::Person("rita".into()),
        "owner before" => desk.parts = vec![part(Part::Owned, rita(), 0)],
        "assigned to its issue" => desk.parts = vec![part(Part::Owned, account("rita-gh"), 0)],
        "account that is mapped by now" => {
            desk.parts = vec![part(Part::Owned, account("night-shift"), 0)];
            desk.people.0.get_mut(&PersonId::from("rita")).unwrap().github = Some("night-shift".into());
        }
        "closer" => desk.parts = vec![part(Part::Claimed, rita(), 0)],
        "author of the document that claims it" => {
            desk.parts =
                vec![part(Part::WroteClaim, Party::Written("Rita <rita@example.com>".to_owned()), 0)];
        }
        "who moved it away from themselves" => desk.parts = vec![part(Part::MovedAway, rita(), 0)],
        "who named the claimant" => desk.parts = vec![part(Part::NamedClaimant, rita(), 0)],
        "second entry of somebody with a part" => {
            desk.parts = vec![part(Part::Owned, rita(), 0)];
            let again = Person { name: Some(" RITA".to_owned()), reviewer: true, ..Person::default() };
            desk.people.0.insert("rita-2".into(), again);
        }
        "part in an earlier episode" => {
            finding.episode = 1;
            desk.parts = vec![part(Part::Owned, rita(), 0), part(Part::Claimed, rita(), 0)];
        }
        "named by a reviewer" => drop(finding.told.reviewers.insert("carl".into())),
        "named by the document only" => finding.stated.reviewers = vec!["carl".to_owned()],
        _ => {}
    }
    desk
}

/// A finding in which the verb is asked for, claimed by its document or not at all.
fn asked(verb: Verb) -> Finding {
    match verb {
        Verb::Verify | Verb::Reject => pending("PM-1/F1", Claimant::Document),
        Verb::NameClaimant => pending("PM-1/F1", Claimant::Unknown),
        Verb::Reopen => Finding { state: State::Dismissed, ..finding("PM-1/F1") },
        _ => finding("PM-1/F1"),
    }
}

/// The decision itself, where there is one; what asks the table alone is asked so.
fn attempt(verb: Verb, finding: &Finding, act: Act<'_>) -> Result<(), Refusal> {
    let reason = "because";
    let done = match verb {
        Verb::Assign => decision::assign(finding, act, &Owner::Person("olga".into())),
        Verb::Verify => decision::verify(finding, act, &evidence(), None),
        Verb::Reject => decision::reject(finding, act, reason),
        Verb::Extend => decision::extend(finding, act, day("2026-04-01"), reason),
        Verb::Waive => decision::waive(finding, act, day("2026-04-01"), reason),
        Verb::Dismiss => decision::dismiss(finding, act, reason),
        Verb::Reopen => decision::reopen(finding, act, reason),
        Verb::Review => decision::review(finding, act, Verdict::OnTrack, None, None),
        Verb::Settle => {
            decision::settle(finding, act, Field::Owner, postmortem_sync::model::finding::Keep::Tracker)
        }
        Verb::Classify => decision::classify(finding, act, Some(Class::ManualError), None),
        Verb::MakeLaxer => class::give(finding, act, Tlp::Green, None),
        Verb::NameClaimant => decision::name_claimant(finding, act, &"olga".into()),
        Verb::NameReviewer => decision::name_reviewer(finding, act, &"nina".into()),
        Verb::LinkItem => return roles::may(verb, finding, act),
        Verb::AdoptLink
        | Verb::DetachLink
        | Verb::RebindLink
        | Verb::ApproveConfiguration
        | Verb::LiftLimits
        | Verb::AcceptCandidate
        | Verb::ApproveVanished
        | Verb::IgnoreCitation
        | Verb::Retry
        | Verb::AcceptRow
        | Verb::AcceptPlace
        | Verb::RetirePlace
        | Verb::MoveRegister => return roles::permitted(verb, act.by, act.people),
    };
    done.map(|_| ())
}

fn came(result: Result<(), Refusal>) -> Came {
    match result {
        Ok(()) => Came::Through,
        Err(Refusal::NotReviewer { .. } | Refusal::NeedsReviewer { .. }) => Came::NoRole,
        Err(Refusal::IsOwner { .. } | Refusal::IsClaimant { .. } | Refusal::HadPart { .. }) => Came::Part,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn every_verb_is_held_to_the_table_for_every_role_and_every_part() {
    assert_eq!(
        TABLE.map(|(verb, _)| verb).iter().filter(|verb| Verb::ALL.contains(verb)).count(),
        TABLE.len()
    );
    assert_eq!(Verb::ALL.len(), TABLE.len());
    for (verb, cells) in TABLE {
        for (name, cell) in COLUMNS.into_iter().zip(cells.chars()) {
            let mut finding = asked(verb);
            let mut desk = column(name, &mut finding);
            let nina = Person { name: Some("Nina".to_owned()), ..Person::default() };
            desk.people.0.insert("nina".into(), nina);
            let expected = match cell {
                '+' => Came::Through,
                'r' => Came::NoRole,
                _ => Came::Part,
            };
            assert_eq!(came(attempt(verb, &finding, desk.act())), expected, "{verb:?} by {name}");
        }
    }
}

/// Ways of writing Rita's name, address or login into a document.
const WRITTEN: &[&str] = &[
    "Rita",
    "RITA",
    "R\u{456}ta",
    "R\u{200D}ita",
    "R\u{ED}ta",
    "@rita-gh",
    "Rita-GH",
    "github:rita-gh",
    "rita@example.com",
    "Rita@Example.com",
    "rita+pm@example.com",
    "Rita <rita@example.com>",
    "Rita (on call)",
    "[Rita](mailto:rita@example.com)",
    "<mailto:rita@example.com>",
    "Rita R. rita@example.com",
];

/// Several of them, however they are listed.
const TOGETHER: &[&str] = &[
    "Olga, Rita",
    "Olga | Rita",
    "Olga und Rita",
    "Olga et Rita",
    "Olga y Rita",
    "Olga、Rita",
    "Olga with Rita",
    "Olga+Rita",
];

#[test]
fn whoever_is_written_as_an_owner_in_any_way_does_not_verify() {
    for text in WRITTEN.iter().chain(TOGETHER) {
        let mut claimed = asked(Verb::Verify);
        claimed.owner = Owner::Unmapped((*text).to_owned());
        claimed.stated.owner = Some((*text).to_owned());
        let desk = Desk::of("rita");
        assert_eq!(came(attempt(Verb::Verify, &claimed, desk.act())), Came::Part, "{text}");
        assert_eq!(came(attempt(Verb::Verify, &claimed, Desk::of("rob").act())), Came::Through, "{text}");
    }
}

#[test]
fn a_key_that_the_directory_does_not_know_any_more_is_still_somebody() {
    let part = |id: &str| Involvement {
        finding: "PM-1/F1".into(),
        episode: 0,
        part: Part::Owned,
        party: Party::Person(id.into()),
        at: at("2026-02-21T09:00:00Z"),
    };
    for id in ["rita-gh", "RITA", "r\u{456}ta"] {
        let mut desk = Desk::of("rita");
        desk.parts.push(part(id));
        assert_eq!(came(attempt(Verb::Verify, &asked(Verb::Verify), desk.act())), Came::Part, "{id}");
    }
    let mut desk = Desk::of("rita");
    desk.parts.push(part("gone"));
    assert_eq!(came(attempt(Verb::Verify, &asked(Verb::Verify), desk.act())), Came::Through);
}

#[test]
fn a_refusal_says_which_part_it_was_and_since_when() {
    let mut claimed = asked(Verb::Verify);
    let desk = column("assigned to its issue", &mut claimed);
    let told = attempt(Verb::Verify, &claimed, desk.act()).unwrap_err().to_string();
    assert_eq!(
        told,
        "rita (as github:rita-gh) owned this finding or its issue (on record since 2026-02-21) and may not verify it, \
         whatever was changed since; ask a reviewer without a part in it"
    );
}

#[test]
fn where_every_reviewer_had_a_part_it_is_said_that_nobody_may_verify_and_why() {
    let mut claimed = asked(Verb::Verify);
    let mut desk = column("owner before", &mut claimed);
    assert_eq!(roles::nobody_may_verify(&claimed, desk.act()), None, "rob may");
    claimed.owner = Owner::Person("rob".into());
    let told = roles::nobody_may_verify(&claimed, desk.act()).unwrap();
    assert_eq!(
        told,
        "rita owned this finding or its issue, rob owns it; a reviewer names somebody else with `finding reviewer`"
    );
    claimed.told.reviewers.insert("carl".into());
    assert_eq!(roles::nobody_may_verify(&claimed, desk.act()), None, "carl was named");
    desk.people.0.values_mut().for_each(|person| person.reviewer = false);
    claimed.told.reviewers.clear();
    assert_eq!(
        roles::nobody_may_verify(&claimed, desk.act()).as_deref(),
        Some("people.yaml names no reviewer")
    );
}
