//! Editing: the smallest writes, and what came of them.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_assigned_and_taken_away() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (issue, ana) = (site.create(1).await, site.account("ana").await);
        let edited = site.jira.edit(&issue, &owner(Some(ana.clone()))).await.unwrap();
        assert_eq!(
            (edited.issue.assignees.as_slice(), edited.dropped.as_slice()),
            ([ana].as_slice(), [].as_slice())
        );
        let edited = site.jira.edit(&edited.issue, &owner(None)).await.unwrap();
        assert_eq!((edited.issue.assignees.len(), edited.dropped.len()), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p19_a_refused_or_silently_dropped_owner_is_told() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (issue, ana) = (site.create(1).await, site.account("ana").await);
        site.change(json!({"assignable": ["bo"]}));
        let refused = site.jira.edit(&issue, &owner(Some(ana.clone()))).await.unwrap();
        assert_eq!(refused.dropped[0].field, Field::Owner);
        assert_eq!(refused.dropped.len(), 1);
        site.fault(json!({"method": "PUT", "path": "/assignee", "action": {"status": {"status": 204}}}));
        let silent = site.jira.edit(&issue, &owner(Some(ana))).await.unwrap();
        assert_eq!(silent.dropped[0].field, Field::Owner);
        assert!(silent.dropped[0].why.contains("without an error"), "{}", silent.dropped[0].why);
        site.fault(json!({"method": "PUT", "path": "/assignee", "action": {"status": {"status": 503}}}));
        let down = site.jira.edit(&issue, &owner(None)).await;
        assert!(down.is_ok(), "nobody already: nothing is sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_due_date_change_without_touching_what_people_added() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        site.act(json!({"issue": issue.at.key, "do": "label", "label": "by-hand"}));
        let due = NaiveDate::from_ymd_opt(2027, 3, 1);
        let edit = Edit {
            add_labels: BTreeSet::from(["over due".to_owned()]),
            remove_labels: BTreeSet::from(["high severity".to_owned()]),
            due: Some(Change { from: None, to: due }),
            ..Edit::default()
        };
        let edited = site.jira.edit(&issue, &edit).await.unwrap();
        assert_eq!(edited.dropped, []);
        assert_eq!(edited.issue.due, due);
        let labels: BTreeSet<&str> = edited.issue.labels.iter().map(String::as_str).collect();
        assert_eq!(labels, BTreeSet::from(["by-hand", "over-due", "postmortem", marker(1).as_str()]));
        site.change(json!({"off_screen": ["duedate"]}));
        let edit = Edit {
            add_labels: BTreeSet::from(["late".to_owned()]),
            due: Some(Change { from: due, to: None }),
            ..Edit::default()
        };
        let edited = site.jira.edit(&edited.issue, &edit).await.unwrap();
        assert!(edited.issue.labels.contains("late"), "one refused field does not stop the other");
        assert_eq!(edited.dropped.iter().map(|dropped| dropped.field).collect::<Vec<_>>(), [Field::Due]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn later_news_lives_in_one_comment_that_is_edited_in_place() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        site.act(json!({"issue": issue.at.key, "do": "comment", "body": "postmortem-sync: current state"}));
        for text in ["Due on *Friday*", "Due on Monday", "Due on Monday"] {
            let block = Some(Change { from: String::new(), to: text.to_owned() });
            let edited = site.jira.edit(&issue, &Edit { block, ..Edit::default() }).await.unwrap();
            assert_eq!(edited.dropped, []);
        }
        assert_eq!(
            site.sent("POST", "/comment").len(),
            1,
            "somebody else's comment with our words is not ours"
        );
        let n_puts = site.trackers.sandbox.world().log_counts()["by_tracker"][site.tracker()]["PUT"].clone();
        assert_eq!(n_puts, 2, "what is shown may be older than what was written last");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p03_a_comment_whose_answer_was_lost_is_not_said_twice() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let edit = Edit {
            comment: Some("Reopened: [the fix](https://a.example) is *not* in.".to_owned()),
            comment_mark: Some(mark("d1")),
            ..Edit::default()
        };
        site.fault(json!({"method": "POST", "path": "/comment", "action": "drop_after"}));
        assert!(site.jira.edit(&issue, &edit).await.is_err());
        site.jira.edit(&issue, &edit).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 1);
        site.trackers.sandbox.world().advance(7_200_000);
        let later = Jira::connect(
            settings(&site.trackers, kind),
            &credential(kind, None),
            Timeouts::default(),
            crate::github_rig::Hand::at(start_of_time() + TimeDelta::hours(2)),
        )
        .unwrap();
        later.edit(&issue, &edit).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 1, "however late, one decision is told once");
        let edit = Edit { comment_mark: Some(mark("d2")), ..edit };
        later.edit(&issue, &edit).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 2, "another decision is told, in whatever words");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_without_an_id_is_known_by_its_author_its_words_and_its_time() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let comment = Some("Reopened.".to_owned());
        let bare = Edit { comment: comment.clone(), ..Edit::default() };
        site.jira.edit(&issue, &bare).await.unwrap();
        let later = |hours| CommentMark { since: start_of_time() + TimeDelta::hours(hours), ..mark("d1") };
        let edit = |mark| Edit { comment: comment.clone(), comment_mark: Some(mark), ..Edit::default() };
        site.jira.edit(&issue, &edit(later(0))).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 1, "an earlier release said so");
        site.jira.edit(&issue, &edit(later(2))).await.unwrap();
        assert_eq!(
            site.sent("POST", "/comment").len(),
            2,
            "what was said before the decision is another one"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_of_before_said_is_not_said_again_and_its_comment_is_left_alone() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let issue = site.create(1).await;
        let said =
            Edit { comment: Some("Reopened.".to_owned()), comment_mark: Some(mark("d1")), ..Edit::default() };
        site.act(json!({"issue": issue.at.key, "do": "comment", "body": "Reopened."}));
        site.act(json!({"issue": issue.at.key, "do": "comment", "body": "postmortem-sync: current state"}));
        site.jira.acted_as(BTreeSet::from([site.account("ana").await]));
        site.jira.edit(&issue, &said).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 0);
        for text in ["Due on Friday", "Due on Monday"] {
            let block = Some(Change { from: String::new(), to: text.to_owned() });
            let edited = site.jira.edit(&issue, &Edit { block, ..Edit::default() }).await.unwrap();
            assert_eq!(edited.dropped, []);
        }
        assert_eq!(site.sent("POST", "/comment").len(), 1, "one of our own, once");
        site.jira.acted_as(BTreeSet::new());
        site.jira.edit(&issue, &said).await.unwrap();
        assert_eq!(site.sent("POST", "/comment").len(), 2, "what somebody else said is not ours");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_interrupted_edit_had_done_is_no_refusal_when_it_is_repeated() {
    for kind in EDITIONS {
        let site = site(kind).await;
        site.change(workflow(json!([{"id": "1", "name": "Start", "from": ["To Do"], "to": "In Progress"}])));
        let issue = site.create(1).await;
        let edit = Edit {
            add_labels: BTreeSet::from(["late".to_owned()]),
            ..progress(Progress::Open, Progress::InProgress)
        };
        let limit = json!({"rate_limit": {"reason": "jira-per-issue-on-write", "retry_after": 1}});
        site.fault(json!({"method": "PUT", "action": limit}));
        assert!(matches!(site.jira.edit(&issue, &edit).await, Err(TrackerError::RateLimited { .. })));
        let edited = site.jira.edit(&issue, &edit).await.unwrap();
        assert_eq!((edited.issue.progress, edited.dropped.as_slice()), (Progress::InProgress, [].as_slice()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_not_sent_when_it_is_too_late_for_it() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let late = Draft { before: Some(start_of_time() - TimeDelta::seconds(1)), ..site.draft(1).await };
        assert_eq!(site.jira.create(&late).await.unwrap_err(), TrackerError::Expired);
        assert_eq!(site.sent("POST", "/issue").len(), 0);

        let issue = site.create(1).await;
        let block = |to: &str| Some(Change { from: String::new(), to: to.to_owned() });
        let comment = Some("Rejected: no evidence.".to_owned());
        let with_text = [
            Edit { block: block("Due on Friday"), ..Edit::default() },
            Edit { block: block("Due on Monday"), ..Edit::default() },
            Edit { comment, ..Edit::default() },
        ];
        for (at, text) in (0..).zip(with_text) {
            let late = Edit { text_before: Some(start_of_time() - TimeDelta::seconds(1)), ..text.clone() };
            assert_eq!(site.jira.edit(&issue, &late).await.unwrap_err(), TrackerError::Expired);
            let counts = site.trackers.sandbox.world().log_counts();
            let n_puts = counts["by_tracker"][site.tracker()]["PUT"].as_u64().unwrap_or_default();
            assert_eq!(site.sent("POST", "/comment").len() as u64 + n_puts, at, "new, changed and said");
            assert_eq!(site.jira.edit(&issue, &text).await.unwrap().dropped, []);
        }
    }
}
