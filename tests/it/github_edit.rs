//! Changing GitHub issues: the smallest writes, and what is dropped is an outcome.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use postmortem_sync::{
    model::{
        digest,
        edit_intent::Step,
        ids::AccountId,
        issue::{Change, CommentMark, Draft, Edit, Field, Issue},
        observed::Observed,
        terms::Progress,
    },
    tracker::{Edited, TrackerError, TrackerRead as _, TrackerWrite as _, block, github::GitHub},
};
use proptest::{prelude::any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use crate::{
    github_rig::{
        Canned, Hand, act, client, client_at, client_over, draft, fault, known, log, reply, rest_issue,
    },
    support::{Editing as _, Heard, Trackers, sandbox, start_of_time},
};

const KEY: &str = "acme/payments#1";
const PATH: &str = "/repos/acme/payments/issues/1";

/// An issue of ours with `ana` and `bo` assigned and a label of a person's.
async fn issue(trackers: &Trackers, github: &GitHub) -> Issue {
    let draft = Draft { assignee: Some("ana".into()), ..draft(github, "one").await };
    github.create(&draft).await.unwrap();
    act(trackers, json!({"issue": KEY, "do": "assign", "assignee": "bo"}));
    act(trackers, json!({"issue": KEY, "do": "label", "label": "by-hand"}));
    present(github).await
}

async fn present(github: &GitHub) -> Issue {
    known(github.find(KEY).await)
}

/// Edits, and what was sent for it besides reading.
async fn edit(trackers: &Trackers, github: &GitHub, issue: &Issue, edit: Edit) -> (Edited, Vec<String>) {
    trackers.sandbox.world().clear_log();
    let edited = github.edit(issue, &edit).await.unwrap();
    let writes = log(trackers).into_iter().filter(|line| !line.starts_with("GET"));
    (edited, writes.map(|line| line.replace(PATH, "…")).collect())
}

fn owner(from: Option<&str>, to: Option<&str>) -> Edit {
    let account = |login: Option<&str>| login.map(AccountId::from);
    Edit { owner: Some(Change { from: account(from), to: account(to) }), ..Edit::default() }
}

fn progress(from: Progress, to: Progress) -> Edit {
    Edit { progress: Some(Change { from, to }), ..Edit::default() }
}

fn replace_block(from: &str, to: &str) -> Edit {
    Edit { block: Some(Change { from: digest::of_text(from), to: to.to_owned() }), ..Edit::default() }
}

fn logins(issue: &Issue) -> Vec<&str> {
    issue.assignees.iter().map(AccountId::as_str).collect()
}

fn fields(edited: &Edited) -> Vec<Field> {
    edited.dropped.iter().map(|dropped| dropped.field).collect()
}

async fn body(trackers: &Trackers) -> String {
    trackers.get(PATH).await.body["body"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_changes_and_people_added_by_hand_stay() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let (edited, writes) = edit(&trackers, &github, &before, owner(Some("ANA"), Some("chen"))).await;
    assert_eq!(writes, ["POST …/assignees", "DELETE …/assignees"]);
    assert_eq!((logins(&edited.issue), fields(&edited)), (vec!["bo", "chen"], vec![]));
    let (edited, writes) = edit(&trackers, &github, &edited.issue, owner(Some("chen"), None)).await;
    assert_eq!(writes, ["DELETE …/assignees"]);
    assert_eq!(logins(&edited.issue), ["bo"]);
    let (edited, writes) = edit(&trackers, &github, &edited.issue, owner(Some("bo"), Some("Bo"))).await;
    assert_eq!(writes, [""; 0], "the same account in other letters");
    assert_eq!((logins(&edited.issue), fields(&edited)), (vec!["bo"], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_assignee_is_an_outcome_and_leaves_the_old_owner() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let (edited, writes) = edit(&trackers, &github, &before, owner(Some("ana"), Some("stranger"))).await;
    assert_eq!(writes, ["POST …/assignees"]);
    assert_eq!((logins(&edited.issue), fields(&edited)), (vec!["ana", "bo"], vec![Field::Owner]));
    assert!(edited.dropped[0].why.contains("cannot be assigned"), "{:?}", edited.dropped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_field_keeps_no_other_field_back() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let refusal = json!({"status": {"status": 422, "body": {"message": "Validation Failed", "errors": [{"field": "assignees", "code": "invalid"}]}}});
    fault(&trackers, json!({"method": "POST", "path": "/assignees", "action": refusal}));
    let both =
        Edit { progress: progress(Progress::Open, Progress::Done).progress, ..owner(None, Some("chen")) };
    let (edited, _) = edit(&trackers, &github, &before, both).await;
    assert_eq!((edited.issue.progress, fields(&edited)), (Progress::Done, vec![Field::Owner]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_is_written_with_its_reason_and_only_when_it_differs() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let mut at = issue(&trackers, &github).await;
    let steps = [
        (Progress::InProgress, "open", 0),
        (Progress::Done, "closed (completed)", 1),
        (Progress::Open, "open", 1),
        (Progress::Declined, "closed (not planned)", 1),
        (Progress::InProgress, "open", 1),
    ];
    for (to, text, n_writes) in steps {
        let (edited, writes) = edit(&trackers, &github, &at, progress(at.progress, to)).await;
        assert_eq!(
            (edited.issue.status_text.as_str(), writes.len(), fields(&edited)),
            (text, n_writes, vec![])
        );
        at = edited.issue;
    }
    let log = trackers.sandbox.world().log();
    let sent = log.as_array().unwrap().iter().find(|entry| entry["method"] == "PATCH").unwrap();
    assert_eq!(sent["request"], json!({"state": "open", "state_reason": "reopened"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_github_did_not_take_is_an_outcome() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    fault(&trackers, json!({"method": "PATCH", "action": {"status": {"status": 200, "body": {}}}}));
    let (edited, _) = edit(&trackers, &github, &before, progress(Progress::Open, Progress::Done)).await;
    assert_eq!((edited.issue.progress, fields(&edited)), (Progress::Open, vec![Field::Progress]));
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_added_and_removed_one_by_one_and_others_stay() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let labels = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let change = Edit { add_labels: labels(&["overdue", "needs a/b?", "Security"]), ..Edit::default() };
    let (edited, writes) = edit(&trackers, &github, &before, change).await;
    assert_eq!(writes, ["POST …/labels"]);
    assert_eq!(edited.issue.labels, labels(&["by-hand", "needs a/b?", "overdue", "security"]));
    act(&trackers, json!({"issue": KEY, "do": "unlabel", "label": "overdue"}));
    let change = Edit { remove_labels: labels(&["needs a/b?", "overdue", "never-there"]), ..Edit::default() };
    let (edited, writes) = edit(&trackers, &github, &edited.issue, change).await;
    assert_eq!(
        writes,
        ["DELETE …/labels/needs%20a%2Fb%3F", "DELETE …/labels/overdue"],
        "404 for the second is fine"
    );
    assert_eq!((edited.issue.labels, edited.dropped), (labels(&["by-hand", "security"]), vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_without_an_address_does_not_remove_all_labels() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let mut before = issue(&trackers, &github).await;
    for name in ["", ".", ".."] {
        before.labels.insert(name.to_owned());
        let change = Edit { remove_labels: BTreeSet::from([name.to_owned()]), ..Edit::default() };
        let (edited, writes) = edit(&trackers, &github, &before, change).await;
        assert_eq!((writes, fields(&edited), edited.issue.labels.len()), (vec![], vec![Field::Labels], 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn human_text_around_our_block_is_kept_byte_for_byte() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let human = format!("{}\r\n\r\n- [x] done by *us*\t\r\n\n  é👩‍👩‍👧‍👦 ", body(&trackers).await);
    act(&trackers, json!({"issue": KEY, "do": "edit_body", "body": human}));
    let (edited, writes) =
        edit(&trackers, &github, &before, replace_block("Our **text**.", "New text.\n\nTwo lines.")).await;
    assert_eq!((writes, fields(&edited)), (vec!["PATCH …".to_owned()], vec![]));
    assert_eq!(edited.issue.block, Some(digest::of_text("New text.\n\nTwo lines.")));
    assert_eq!(body(&trackers).await, human.replace("Our **text**.", "New text.\n\nTwo lines."));
    let (_, writes) = edit(
        &trackers,
        &github,
        &edited.issue,
        replace_block("New text.\n\nTwo lines.", "New text.\n\nTwo lines."),
    )
    .await;
    assert_eq!(writes, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_a_person_edited_or_removed_is_left_alone() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let ours = body(&trackers).await;
    let edited_ones = [
        ours.replace("Our **text**.", "Our **text**, corrected."),
        ours.replace(block::END, ""),
        format!("{ours}\n{ours}"),
        format!("{}\n{}", block::END, block::BEGIN),
        String::new(),
    ];
    for body_now in edited_ones {
        act(&trackers, json!({"issue": KEY, "do": "edit_body", "body": body_now}));
        let both =
            Edit { add_labels: BTreeSet::from(["x".to_owned()]), ..replace_block("Our **text**.", "New.") };
        let (edited, _) = edit(&trackers, &github, &before, both).await;
        assert_eq!(fields(&edited), [Field::Block], "{body_now}");
        assert!(edited.dropped[0].why.contains("edited by a person"));
        assert_eq!(body(&trackers).await, body_now);
        assert!(edited.issue.labels.contains("x"), "the rest is written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn line_ends_that_a_browser_changed_are_no_edit() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let draft = Draft { body: "One.\n\nTwo.".to_owned(), ..draft(&github, "one").await };
    let before = known(github.create(&draft).await.unwrap().issue);
    let browser = body(&trackers).await.replace('\n', "\r\n");
    act(&trackers, json!({"issue": KEY, "do": "edit_body", "body": browser}));
    assert_eq!(present(&github).await.marker, Some(draft.marker));
    let (edited, _) = edit(&trackers, &github, &before, replace_block(&draft.body, "Three.")).await;
    assert_eq!((fields(&edited), edited.issue.block), (vec![], Some(digest::of_text("Three."))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_cut_to_the_room_that_people_left() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let human = format!("{}{}", body(&trackers).await, "ü".repeat(60_000));
    act(&trackers, json!({"issue": KEY, "do": "edit_body", "body": human}));
    let (edited, _) =
        edit(&trackers, &github, &before, replace_block("Our **text**.", &"x".repeat(30_000))).await;
    assert_eq!(fields(&edited), []);
    let now = body(&trackers).await;
    assert_eq!((now.chars().count(), now.matches('ü').count()), (65_536, 60_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_written_once_and_last() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let change = Edit {
        progress: progress(Progress::Open, Progress::Done).progress,
        ..comment("Rejected: no evidence.", "d1")
    };
    github.whoami().await.unwrap();
    trackers.sandbox.world().clear_log();
    github.edit(&before, &change).await.unwrap();
    let log = log(&trackers);
    let methods =
        log.iter().filter(|line| !line.contains("/graphql")).map(|line| line.split(' ').next().unwrap());
    let methods: Vec<&str> = methods.collect();
    assert_eq!(methods, ["PATCH", "GET", "GET", "POST"], "the events and the comments are read before it");
    let comments = trackers.get(&format!("{PATH}/comments")).await.body;
    assert_eq!(comments.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_shows_all_of_the_issue_is_not_read_back_and_any_other_is() {
    let trackers = sandbox().await;
    let before = issue(&trackers, &client(&trackers)).await;
    let answer = |leave_out: &str, updated: &str| {
        let mut shown = rest_issue(1);
        shown["id"] = json!(before.at.id.id.parse::<u64>().unwrap());
        shown["assignees"] = json!([{"login": "ana"}, {"login": "bo"}, {"login": "chen"}]);
        shown["updated_at"] = json!(updated);
        shown.as_object_mut().unwrap().remove(leave_out);
        reply(201, &[], &shown)
    };
    let (later, early) = ("2030-01-01T00:00:00Z", "2001-01-01T00:00:00Z");
    for (leave_out, updated, n_asked) in
        [("", later, 1), ("labels", later, 2), ("body", later, 2), ("assignees", later, 3), ("", early, 2)]
    {
        let whole = || answer("", later);
        let canned = Canned::new([answer(leave_out, updated), whole(), whole()]);
        let github = client_over(canned.clone(), "https://api.github.com", Hand::at(start_of_time()));
        let edited = github.edit(&before, &owner(None, Some("chen"))).await.unwrap();
        assert_eq!(canned.lines().len(), n_asked, "without `{leave_out}`: {:?}", canned.lines());
        assert_eq!(edited.issue.assignees.len(), 3);
        assert!(edited.dropped.is_empty(), "{:?}", edited.dropped);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_whose_answer_was_lost_is_not_said_again() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    issue(&trackers, &github).await;
    let said = async || trackers.get(&format!("{PATH}/comments")).await.body.as_array().unwrap().len();
    let word = "Rejected: no evidence.";
    fault(&trackers, json!({"method": "POST", "path": "/comments", "action": "drop_after"}));
    let lost = github.edit(&present(&github).await, &comment(word, "d1")).await;
    assert!(matches!(lost, Err(TrackerError::Transient { .. })), "{lost:?}");
    github.edit(&present(&github).await, &comment(word, "d1")).await.unwrap();
    assert_eq!(said().await, 1);
    trackers.sandbox.world().advance(30 * 86_400_000);
    let clock = Hand::at(start_of_time() + TimeDelta::days(30));
    let github = client_at(&trackers, "sandbox-github-token", clock);
    github.edit(&present(&github).await, &comment(word, "d1")).await.unwrap();
    assert_eq!(said().await, 1, "however late, one decision is told once");
    github.edit(&present(&github).await, &comment(word, "d2")).await.unwrap();
    assert_eq!(said().await, 2, "another decision is told, in whatever words");
    act(&trackers, json!({"issue": KEY, "do": "comment", "body": "Agreed."}));
    github.edit(&present(&github).await, &comment("Agreed.", "d3")).await.unwrap();
    assert_eq!(said().await, 4, "what somebody else said is not ours");
    github.acted_as(["ana".into()].into());
    act(&trackers, json!({"issue": KEY, "do": "comment", "body": "Settled."}));
    github.edit(&present(&github).await, &comment("Settled.", "d4")).await.unwrap();
    assert_eq!(said().await, 5, "unless it was an account of ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_waits_until_the_list_of_comments_can_be_read_to_its_end() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    issue(&trackers, &github).await;
    for n in 0..120 {
        act(&trackers, json!({"issue": KEY, "do": "comment", "body": format!("Remark {n}.")}));
    }
    fault(&trackers, json!({"method": "POST", "path": "/comments", "action": "drop_after"}));
    github.edit(&present(&github).await, &comment("Rejected.", "d1")).await.unwrap_err();
    let half = json!({"method": "GET", "path": "/comments", "skip": 1, "times": 9, "action": {"status": {"status": 502, "body": {}}}});
    fault(&trackers, half);
    github.edit(&present(&github).await, &comment("Rejected.", "d1")).await.unwrap_err();
    trackers.sandbox.world().clear_faults();
    trackers.sandbox.world().clear_log();
    github.edit(&present(&github).await, &comment("Rejected.", "d1")).await.unwrap();
    assert_nothing_told(&trackers);
}

/// No comment was sent since the log was cleared.
fn assert_nothing_told(trackers: &Trackers) {
    let sent = log(trackers);
    let told = sent.iter().find(|line| line.starts_with("POST") && line.contains("/comments"));
    assert_eq!(told, None, "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_comment_of_an_earlier_release_is_known_by_its_words() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    issue(&trackers, &github).await;
    let bare = Edit { comment: Some("Rejected.".to_owned()), ..Edit::default() };
    github.edit(&present(&github).await, &bare).await.unwrap();
    trackers.sandbox.world().clear_log();
    github.edit(&present(&github).await, &comment("Rejected.", "d1")).await.unwrap();
    assert_nothing_told(&trackers);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_is_replaced_in_two_requests_has_a_step_in_between() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let mut heard = Heard::default();
    github.edit_by_steps(&before, &owner(Some("ana"), Some("chen")), &mut heard).await.unwrap();
    assert_eq!(heard.0, [Step::Assigned(vec!["ana".into(), "bo".into(), "chen".into()])]);
    let (read, since) = (present(&github).await, before.updated - TimeDelta::seconds(1));
    let change = github.last_change(&read, Field::Owner, since).await.unwrap().unwrap();
    assert_eq!(change.by, Some(github.whoami().await.unwrap()));
    assert!(!change.is_later_than(&read), "the read shows it");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_an_unfinished_edit_left_there_is_taken_off_and_nobody_else() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let unassign = BTreeSet::from(["bo".into()]);
    let edited = github.edit(&before, &Edit { unassign, ..Edit::default() }).await.unwrap();
    assert_eq!((edited.issue.assignees, edited.dropped), (vec![AccountId::from("ana")], vec![]));
}

fn comment(words: &str, decision: &str) -> Edit {
    let mark = CommentMark { id: decision.to_owned(), since: start_of_time() };
    Edit { comment: Some(words.to_owned()), comment_mark: Some(mark), ..Edit::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_or_a_failure_between_two_writes_ends_the_edit() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let both = Edit {
        progress: progress(Progress::Open, Progress::Done).progress,
        ..owner(Some("ana"), Some("chen"))
    };
    fault(&trackers, json!({"method": "PATCH", "action": {"status": {"status": 502}}}));
    assert!(matches!(github.edit(&before, &both).await, Err(TrackerError::Transient { .. })));
    assert_eq!(logins(&present(&github).await), ["bo", "chen"], "what was written stays for the next plan");
    let pause = json!({"rate_limit": {"reason": "secondary", "retry_after": 40}});
    fault(&trackers, json!({"method": "PATCH", "action": pause}));
    let limited = github.edit(&present(&github).await, &both).await;
    let until = start_of_time() + TimeDelta::seconds(40);
    assert!(
        matches!(limited, Err(TrackerError::RateLimited { until: at, .. }) if at == until),
        "{limited:?}"
    );
    assert_eq!(github.pace().paused_until(), Some(until));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_repository_is_an_outcome_and_a_moved_issue_an_error_and_neither_changes_anything() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    act(&trackers, json!({"repo": "acme/payments", "do": "archive"}));
    let (refused, _) = edit(&trackers, &github, &before, progress(Progress::Open, Progress::Done)).await;
    assert_eq!((refused.issue.progress, fields(&refused)), (Progress::Open, vec![Field::Progress]));
    assert!(refused.dropped[0].why.contains("archived"), "{:?}", refused.dropped);
    act(&trackers, json!({"repo": "acme/payments", "do": "unarchive"}));
    act(&trackers, json!({"issue": KEY, "do": "transfer", "to": "acme/platform"}));
    let moved = github.edit(&before, &progress(Progress::Open, Progress::Done)).await;
    assert!(matches!(moved, Err(TrackerError::Moved { .. })), "{moved:?}");
    let there = known(github.find("acme/platform#1").await);
    assert_eq!(there.progress, Progress::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_date_is_dropped_because_github_has_none() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let before = issue(&trackers, &github).await;
    let due = Edit { due: Some(Change { from: None, to: "2026-12-01".parse().ok() }), ..Edit::default() };
    let (edited, writes) = edit(&trackers, &github, &before, due).await;
    assert_eq!((fields(&edited), writes), (vec![Field::Due], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_triage_learns_what_was_dropped() {
    let trackers = sandbox().await;
    act(&trackers, json!({"repo": "acme/website", "do": "open_issue", "title": "A"}));
    let github = client(&trackers);
    let before = known(github.find("acme/website#1").await);
    let change = owner(None, Some("ana"));
    let edited = github.edit(&before, &change).await.unwrap();
    assert_eq!(fields(&edited), [Field::Owner]);
    assert!(edited.dropped[0].why.contains("without a word"), "ana could be assigned: {:?}", edited.dropped);
    let state: Value = trackers.get("/repos/acme/website/issues/1").await.body;
    assert_eq!(state["assignees"], json!([]));
    assert!(!matches!(github.find("acme/website#1").await, Observed::Missing));
}

proptest! {
    #[test]
    fn replacing_our_block_keeps_every_byte_outside_it(before in any::<String>(), after in any::<String>(), old in "[a-z \n]{0,40}", new in "[a-z \n]{0,40}") {
        use postmortem_sync::tracker::block;
        let body = format!("{before}{}\n{old}\n{}{after}", block::BEGIN, block::END);
        let changed = block::with_block(&body, &new).unwrap();
        let (start, end) = (format!("{before}{}", block::BEGIN), format!("{}{after}", block::END));
        prop_assert!(changed.starts_with(&start) && changed.ends_with(&end));
        prop_assert_eq!(digest::of_text(block::block_of(&changed).unwrap()), digest::of_text(&new));
        prop_assert_eq!(block::with_block(&changed, &new).unwrap(), changed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_not_sent_when_it_is_too_late_for_it() {
    let trackers = sandbox().await;
    let github = client(&trackers);
    let late =
        Draft { before: Some(start_of_time() - TimeDelta::seconds(1)), ..draft(&github, "late").await };
    trackers.sandbox.world().clear_log();
    assert_eq!(github.create(&late).await.unwrap_err(), TrackerError::Expired);
    assert_eq!(log(&trackers), Vec::<String>::new());

    let issue = issue(&trackers, &github).await;
    let with_text = [
        replace_block("Our **text**.", "Due on Friday."),
        Edit { comment: Some("Rejected: no evidence.".to_owned()), ..Edit::default() },
    ];
    for text in with_text {
        let text_before = Some(start_of_time() - TimeDelta::seconds(1));
        let late = Edit { owner: owner(Some("ana"), Some("chen")).owner, text_before, ..text.clone() };
        trackers.sandbox.world().clear_log();
        assert_eq!(github.edit(&issue, &late).await.unwrap_err(), TrackerError::Expired);
        let sent = log(&trackers);
        let is_text = |line: &&String| {
            line.starts_with("PATCH") || line.contains("POST /repos/acme/payments/issues/1/comments")
        };
        assert_eq!(sent.iter().find(is_text), None, "{sent:?}");
        let in_time = Edit { text_before: None, ..late };
        assert_eq!(github.edit(&issue, &in_time).await.unwrap().dropped, []);
    }
}
