//! What trackers may do to a state: every cell of the table.

use postmortem_sync::{
    model::{
        finding::{Claimant, Finding},
        terms::{Progress, State},
    },
    review::{decision, transition},
};

use super::review_build::{Desk, at, evidence, finding, pending_by_carl};

fn in_state(state: State) -> Finding {
    match state {
        State::Open | State::InProgress | State::RiskAccepted | State::Dismissed => {
            Finding { state, ..finding("PM-1/F1") }
        }
        State::PendingVerification => pending_by_carl("PM-1/F1"),
        State::Resolved => {
            let claimed = pending_by_carl("PM-1/F1");
            decision::verify(&claimed, Desk::of("rita").act(), &evidence(), None).unwrap().finding
        }
    }
}

fn pull(finding: &Finding, progress: Progress) -> Option<Finding> {
    let by = Claimant::Person("rob".into());
    transition::tracker_progress(finding, progress, by, at("2026-03-02T00:00:00Z")).map(|step| step.finding)
}

#[test]
fn a_tracker_moves_a_finding_as_the_table_says() {
    use Progress as P;
    use State as S;
    let rows = [
        (S::Open, [None, Some(S::InProgress), Some(S::PendingVerification), Some(S::Open)]),
        (S::InProgress, [Some(S::Open), None, Some(S::PendingVerification), Some(S::InProgress)]),
        (S::PendingVerification, [Some(S::Open), Some(S::InProgress), None, Some(S::InProgress)]),
        (S::Resolved, [Some(S::Open), Some(S::InProgress), None, None]),
        (S::RiskAccepted, [None; 4]),
        (S::Dismissed, [None; 4]),
    ];
    for (state, cells) in rows {
        let columns = [P::Open, P::InProgress, P::Done, P::Declined];
        for (progress, expected) in columns.into_iter().zip(cells) {
            let after = pull(&in_state(state), progress);
            assert_eq!(after.as_ref().map(|finding| finding.state), expected, "{state} / {progress}");
            if let Some(after) = after {
                assert_eq!(after.progress(), Some(progress), "{state} / {progress}: both sides agree");
                assert_eq!(after.claim.is_some(), progress == P::Done, "{state} / {progress}");
                assert_eq!(after.resolution, None, "{state} / {progress}");
                assert_eq!(after.clock, in_state(state).clock, "{state} / {progress}");
            }
        }
    }
}

#[test]
fn a_decline_is_raised_once_and_ends_when_the_issue_is_reopened() {
    let declined = pull(&finding("PM-1/F1"), Progress::Declined).unwrap();
    assert!(declined.declined_upstream);
    assert_eq!(pull(&declined, Progress::Declined), None);
    let reopened = pull(&declined, Progress::Open).unwrap();
    assert_eq!((reopened.state, reopened.declined_upstream), (State::Open, false));
}

#[test]
fn the_first_claim_stays_but_an_unknown_claimant_gets_known() {
    let now = at("2026-03-02T00:00:00Z");
    let first = at("2026-03-01T00:00:00Z");
    let unknown = transition::claimed(&finding("PM-1/F1"), Claimant::Unknown, first).unwrap().finding;
    let known = transition::claimed(&unknown, Claimant::Person("rob".into()), now).unwrap().finding;
    let claim = known.claim.clone().unwrap();
    assert_eq!((claim.at, claim.by), (first, Claimant::Person("rob".into())));
    assert_eq!(transition::claimed(&known, Claimant::Person("carl".into()), now), None);
    assert_eq!(transition::claimed(&known, Claimant::Unknown, now), None);
}
