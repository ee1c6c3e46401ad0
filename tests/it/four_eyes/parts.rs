//! What is recorded of who had a part: by decisions, by issues, by documents, and of registers that are older.

use std::collections::BTreeSet;

use postmortem_sync::{
    model::{
        finding::{Claimant, Finding, Owner},
        involvement::{Involvement, Part, implied},
        issue::Issue,
        link::{Agreed, Link},
        register::{Register, Write},
        terms::{Progress, State},
    },
    plan::{
        action::{Action, Plan},
        plan,
        snapshot::Row,
    },
    review::{decision, involvement::missing, transition},
};

use crate::{
    build::{self, context, issue, link, linked},
    review_build::{Desk, at, pending_by_carl},
};

fn owned(by: &str) -> Finding {
    Finding { owner: Owner::Person(by.into()), ..build::finding("PM-1/F1") }
}

/// Parts in words.
fn told(parts: &[Involvement]) -> BTreeSet<String> {
    parts.iter().map(|part| format!("{} {}", part.party, part.part.as_str())).collect()
}

/// The parts that a plan for one row records.
fn recorded(row: &Row) -> Vec<Involvement> {
    let plan: Plan = plan(&context(), std::slice::from_ref(row));
    let of = |action: &Action| match action {
        Action::Record { parts, .. } => parts.clone(),
        _ => Vec::new(),
    };
    plan.actions.iter().flat_map(of).collect()
}

#[test]
fn every_assignee_of_an_issue_has_a_part_and_is_recorded_once() {
    let issue = Issue { assignees: vec!["ana-gh".into(), "ben-gh".into(), "zed".into()], ..issue(3) };
    let agreed = |owner: &Owner| Some(Agreed { finding: owner.clone(), issue: owner.clone() });
    let owner = Owner::Person("ana".into());
    let mut link = link("PM-1/F1", 3);
    link.baseline.owner = agreed(&owner);
    let mut row = linked(owned("ana"), link, issue);
    row.findings[0].parts.clear();
    let parts = recorded(&row);
    assert_eq!(told(&parts), ["ben owned", "github:zed owned"].map(str::to_owned).into());
    row.findings[0].parts = parts;
    assert_eq!(recorded(&row), []);
}

#[test]
fn whoever_closed_an_issue_has_a_part_while_it_is_claimed_done_and_not_in_the_next_episode() {
    let closed = Issue { progress: Progress::Done, closed_by: Some("ben-gh".into()), ..issue(3) };
    let row = linked(build::finding("PM-1/F1"), link("PM-1/F1", 3), closed.clone());
    let plan: Plan = plan(&context(), std::slice::from_ref(&row));
    let Some(Action::Record { becomes: Some(after), .. }) = plan.actions.first() else {
        panic!("{:?}", plan.actions)
    };
    assert!(told(&implied(after)).contains("ben claimed"), "{after:?}");
    // Reopened in the register: the issue is still closed, by a deed of the episode before.
    let reopened = Finding { episode: 1, ..build::finding("PM-1/F1") };
    let mut link = link("PM-1/F1", 3);
    link.baseline.progress = Some(Agreed { finding: Progress::Done, issue: Progress::Done });
    assert_eq!(recorded(&linked(reopened, link, closed)), []);
}

#[test]
fn an_episode_begins_when_something_resolved_or_dismissed_is_reopened_and_by_no_rejection() {
    let (rita, rob) = (Desk::of("rita"), Desk::of("rob"));
    let claimed = pending_by_carl("PM-1/F1");
    let rejected = decision::reject(&claimed, rita.act(), "no").unwrap().finding;
    assert_eq!(rejected.episode, 0);
    let verified = decision::verify(&claimed, rita.act(), &["it works".to_owned()], None).unwrap().finding;
    let reopened = decision::reopen(&verified, rob.act(), "it came back").unwrap().finding;
    assert_eq!(reopened.episode, 1);
    let dismissed = decision::dismiss(&reopened, rita.act(), "none").unwrap().finding;
    assert_eq!(decision::reopen(&dismissed, rob.act(), "after all").unwrap().finding.episode, 2);
    let now = at("2026-03-02T09:00:00Z");
    let pulled = transition::tracker_progress(&verified, Progress::Open, Claimant::Unknown, now).unwrap();
    assert_eq!(pulled.finding.episode, 1);
    let waived = Finding { state: State::RiskAccepted, ..claimed };
    assert_eq!(decision::reopen(&waived, rob.act(), "too long").unwrap().finding.episode, 0);
}

#[test]
fn a_decision_records_who_owned_before_and_who_moved_it_away() {
    let before = Finding { owner: Owner::Person("rita".into()), ..pending_by_carl("PM-1/F1") };
    let desk = Desk::of("rita");
    let step = decision::assign(&before, desk.act(), &Owner::Nobody).unwrap();
    let of = |writes: Vec<Write>| {
        let parts = writes.into_iter().filter_map(|write| match write {
            Write::Involvement(part) => Some(*part),
            _ => None,
        });
        told(&parts.collect::<Vec<_>>())
    };
    let writes = step.writes(&before, desk.act().at, &"rita".into());
    assert_eq!(of(writes), ["carl claimed", "rita moved_away", "rita owned"].map(str::to_owned).into());
    // Somebody else who takes it from her bars nobody more.
    let desk = Desk::of("rob");
    let step = decision::assign(&before, desk.act(), &Owner::Nobody).unwrap();
    assert_eq!(step.parts, []);
}

#[test]
fn several_written_owners_and_the_authors_of_a_claim_have_a_part() {
    let mut claimed = Finding { owner: Owner::Unmapped("rita, Rob".to_owned()), ..build::finding("PM-1/F1") };
    claimed.stated.owner = Some("rita, Rob".to_owned());
    claimed.stated.authors = vec!["@olga-gh and carl".to_owned()];
    let claimed = transition::claimed(&claimed, Claimant::Document, build::now()).unwrap().finding;
    let parts = implied(&claimed);
    let expected =
        ["`rita, Rob` owned", "`rita` owned", "`Rob` owned", "`@olga-gh` wrote_claim", "`carl` wrote_claim"];
    assert_eq!(told(&parts), expected.map(str::to_owned).into());
    for by in ["rita", "rob"] {
        let desk = Desk::of(by);
        assert!(decision::verify(&claimed, desk.act(), &["it works".to_owned()], None).is_err(), "{by}");
    }
}

#[test]
fn a_register_of_an_earlier_release_is_taken_as_found_and_only_once() {
    let owned = owned("ana");
    let baseline = Some(Agreed { finding: Owner::Nobody, issue: Owner::Person("ben".into()) });
    let mut link: Link = link("PM-1/F1", 3);
    link.baseline.owner = baseline;
    let mut register =
        Register { findings: [(owned.key.clone(), owned)].into(), links: vec![link], ..Register::default() };
    let found = missing(&register);
    assert_eq!(told(&found), ["ana owned", "ben owned"].map(str::to_owned).into());
    found.into_iter().for_each(|part| register.involve(part));
    assert_eq!(missing(&register), []);
    assert!(register.parts(&"PM-1/F1".into()).iter().all(|part| part.part == Part::Owned));
}
