//! Issues that a query finds, as texts: all of them, nothing else, or an error.

use std::{collections::VecDeque, sync::Mutex};

use async_trait::async_trait;
use postmortem_sync::{
    model::issue::{IssueText, Markup},
    net::http::{Http, HttpError, Request, Response},
};

use super::*;

/// Answers in a row, the last one again and again.
struct Canned(Mutex<VecDeque<Value>>);

#[async_trait]
impl Http for Canned {
    async fn send(&self, _request: Request) -> Result<Response, HttpError> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Ok(Response::new(answer.unwrap().to_string().into()))
    }
}

/// A Data Center that answers so.
async fn canned(answers: Vec<Value>) -> Jira {
    let trackers = sandbox().await;
    let http: Arc<dyn Http> = Arc::new(Canned(Mutex::new(answers.into())));
    Jira::new(settings(&trackers, DC), Arc::clone(&http), http, Arc::new(Still))
}

fn open(site: &Site, title: &str, body: Value, labels: &[&str]) {
    site.act(json!({"project": site.project(), "do": "open_issue", "title": title, "body": body, "labels": labels, "type": "Story"}));
}

fn titles(texts: &[IssueText]) -> Vec<&str> {
    texts.iter().map(|text| text.title.as_str()).collect()
}

async fn searched(site: &Site, query: &str) -> Vec<IssueText> {
    site.jira.searched(query).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn open_and_closed_issues_that_the_query_finds_are_told_in_order_with_their_texts() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let document = json!({"type": "doc", "version": 1, "content": []});
        open(
            &site,
            "one",
            if kind == CLOUD { document.clone() } else { json!("h2. Actions") },
            &["pir", "tlp-red"],
        );
        open(&site, "two", Value::Null, &["later"]);
        open(&site, "three", Value::Null, &["pir"]);
        let project = site.project();
        site.act(json!({"issue": format!("{project}-1"), "do": "set_security", "level": "Security team"}));
        site.act(json!({"issue": format!("{project}-3"), "do": "close"}));
        let texts = searched(&site, "labels = pir").await;
        assert_eq!(titles(&texts), ["one", "three"]);
        let first = &texts[0];
        let (markup, body) = if kind == CLOUD {
            (Markup::Adf, document.to_string())
        } else {
            (Markup::Wiki, "h2. Actions".to_owned())
        };
        assert_eq!((first.markup, &first.body), (markup, &body));
        assert_eq!(first.key, format!("{project}-1"));
        assert!(first.path().starts_with("issue-1"), "{}", first.path());
        assert!(first.url.ends_with(&format!("/browse/{project}-1")), "{}", first.url);
        assert_eq!(first.level.as_deref(), Some("Security team"));
        assert_eq!(first.labels.iter().collect::<Vec<_>>(), ["pir", "tlp-red"]);
        assert!(first.revision.is_some());
        assert_eq!((texts[1].level.as_deref(), texts[1].body.as_str()), (None, ""));
        let named = format!("project = {project} and issuetype = Story ORDER BY created DESC");
        assert_eq!(titles(&searched(&site, &named).await), ["one", "two", "three"]);
        assert!(searched(&site, "labels = nothing").await.is_empty());
        let fields =
            &site.sent("POST", if kind == CLOUD { "search/jql" } else { "search" })[0]["request"]["fields"];
        let asked: Vec<&str> =
            fields.as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
        assert!(
            asked.iter().all(|field| !["status", "assignee", "comment", "attachment"].contains(field)),
            "{asked:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_made_is_no_document_even_without_its_label() {
    for kind in EDITIONS {
        let site = site(kind).await;
        let (one, two) = (site.create(1).await, site.create(2).await);
        for issue in [&one, &two] {
            site.act(json!({"issue": issue.at.key, "do": "label", "label": "pir"}));
        }
        site.act(json!({"issue": two.at.key, "do": "unlabel", "label": marker(2).as_str()}));
        open(&site, "theirs", Value::Null, &["pir", "postmortem"]);
        assert_eq!(titles(&searched(&site, "labels = pir").await), ["theirs"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_over_many_pages_is_complete_or_an_error() {
    for kind in EDITIONS {
        let site = site(kind).await;
        for n in 0..7 {
            open(&site, &format!("number {n}"), Value::Null, &["pir"]);
        }
        site.set(json!({"page_max": 3}));
        assert_eq!(searched(&site, "labels = pir").await.len(), 7);
        site.fault(json!({"method": "POST", "path": "/search", "skip": 1, "times": 5, "action": {"status": {"status": 503}}}));
        let cut = site.jira.searched("labels = pir").await;
        assert!(matches!(cut, Err(TrackerError::Transient { .. })), "{cut:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_makes_no_sense_is_refused_in_the_words_of_jira() {
    for kind in EDITIONS {
        let site = site(kind).await;
        for (query, words) in [
            ("project = NOWHERE", "does not exist for the field 'project'"),
            ("sprint = 7", "does not exist or you do not have permission to view it"),
            ("labels = \"pir", "The quoted string has not been completed."),
        ] {
            let refused = site.jira.searched(query).await.unwrap_err();
            assert!(matches!(refused, TrackerError::Rejected { .. }), "{refused:?}");
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_moves_while_it_is_read_is_read_anew() {
    let page = |ids: &[u32], total: usize| {
        let issue = |id: &u32| {
            json!({"id": id.to_string(), "key": format!("OPS-{id}"), "fields": {"summary": format!("{id}"), "description": null,
                "labels": [], "creator": {"name": "ana"}, "created": "2026-09-01T10:00:00.000+0000", "updated": "2026-09-01T10:00:00.000+0000"}})
        };
        json!({"issues": ids.iter().map(issue).collect::<Vec<_>>(), "total": total})
    };
    let me = json!({"name": "bot"});
    // The first of four is deleted between two pages, so that the third moves onto the page that was read.
    let jira = canned(vec![page(&[1, 2], 4), page(&[3, 4], 3), page(&[2, 3], 3), page(&[3, 4], 3), me]).await;
    assert_eq!(titles(&jira.searched("labels = pir").await.unwrap()), ["2", "3", "4"]);
    let jira = canned(vec![page(&[1, 2], 4), page(&[3, 4], 4)]).await;
    let moving = jira.searched("labels = pir").await.unwrap_err().to_string();
    assert!(moving.contains("moves while it is read") || moving.contains("stops before"), "{moving}");
    let mut doubtful = page(&[1], 1);
    doubtful["warningMessages"] = json!(["The value 'OPS' does not exist for the field 'project'."]);
    let refused = canned(vec![doubtful]).await.searched("project = OPS").await.unwrap_err();
    assert!(refused.to_string().contains("does not exist for the field"), "{refused}");
}
