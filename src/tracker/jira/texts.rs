//! Issues that people wrote as documents: those that a query finds.
//!
//! Knows how a search is read to its end and what makes an issue a text. A list that is not complete is an error, never a
//! shorter list.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    Jira, PROPERTY,
    marked::{Creation, MARK},
    read::marker_of,
    search::{PAGE, malformed, next_token, set, whole},
    wire,
};
use crate::{
    model::issue::{IssueText, Markup},
    tracker::{TrackerError, shown::Shown},
};

/// How much text is taken in, all issues together: they are documents, and are held in memory.
const TEXTS_MAX: usize = 64 * 1024 * 1024;

/// How often a list that moves while it is read is begun anew.
const ATTEMPTS: usize = 3;

/// What makes an issue a text. How far it is and who is assigned is none of it.
const FIELDS: [&str; 7] = ["summary", "description", "labels", "security", "creator", "created", "updated"];

/// The texts that a search has shown so far, by the numbers of their issues.
#[derive(Default)]
struct Found {
    issues: BTreeMap<(usize, String), wire::Issue>,
    length: usize,
}

impl Found {
    fn add(&mut self, mut issue: wire::Issue) -> Result<(), TrackerError> {
        issue.properties.retain(|key, _| key == PROPERTY);
        self.length += issue.fields.description.as_value().map_or(0, length);
        if self.length > TEXTS_MAX {
            let most = TEXTS_MAX / (1024 * 1024);
            return Err(malformed(&format!("the issues that the query finds come to more than {most} MiB")));
        }
        // Longer numbers are later ones.
        self.issues.insert((issue.id.len(), issue.id.clone()), issue);
        Ok(())
    }
}

impl Jira {
    /// The texts of all issues that a query finds, without those that a worker made.
    pub(super) async fn list_texts(&self, query: &str) -> Result<Vec<IssueText>, TrackerError> {
        let query = ordered(query);
        let found = if self.is_cloud() {
            self.found_by_token(&query).await?
        } else {
            self.found_by_number(&query).await?
        };
        let mut texts = Vec::new();
        for issue in found.issues.into_values() {
            if !self.is_made(&issue).await? {
                texts.push(self.text_of(issue)?);
            }
        }
        Ok(texts)
    }

    async fn found_by_token(&self, query: &str) -> Result<Found, TrackerError> {
        let path = self.api("search/jql");
        let mut question =
            json!({ "jql": query, "fields": FIELDS, "properties": [PROPERTY], "maxResults": PAGE });
        let (mut found, mut seen, mut listing) =
            (Found::default(), BTreeSet::new(), self.channel.pace().listing());
        loop {
            let answer = self.channel.ask(&path, &question).await?;
            listing.page(answer.bytes())?;
            let page: wire::TokenPage = answer.parse()?;
            doubtless(&page.warnings)?;
            let next = next_token(&page)?;
            whole(page.issues, answer.at)?.into_iter().try_for_each(|issue| found.add(issue))?;
            let Some(next) = next else { return Ok(found) };
            if !seen.insert(next.clone()) {
                return Err(malformed("the search answers with the same page again and again"));
            }
            set(&mut question, "nextPageToken", Value::String(next));
        }
    }

    /// Each page begins with the last issue of the one before it. Where it does not, issues went or came while the list was
    /// read, and some of them may stand on no page.
    async fn found_by_number(&self, query: &str) -> Result<Found, TrackerError> {
        let mut listing = self.channel.pace().listing();
        for _ in 0..ATTEMPTS {
            let (mut found, mut last, mut n_seen) = (Found::default(), None, 0);
            loop {
                let start = if last.is_some() { n_seen - 1 } else { 0 };
                let question =
                    json!({ "jql": query, "fields": FIELDS, "startAt": start, "maxResults": PAGE });
                let answer = self.channel.ask(&self.api("search"), &question).await?;
                listing.page(answer.bytes())?;
                let page: wire::NumberedPage = answer.parse()?;
                doubtless(&page.warnings)?;
                let issues = whole(page.issues, answer.at)?;
                if last.is_some() && issues.first().map(|issue| &issue.id) != last.as_ref() {
                    break;
                }
                let n_new = issues.len() - usize::from(last.is_some());
                (n_seen, last) = (start + issues.len(), issues.last().map(|issue| issue.id.clone()));
                issues.into_iter().try_for_each(|issue| found.add(issue))?;
                match page.total {
                    Some(total) if n_seen >= total => return Ok(found),
                    None if n_new == 0 => return Ok(found),
                    Some(_) if n_new == 0 => {
                        return Err(malformed("the search stops before the total that it names"));
                    }
                    Some(_) | None => {}
                }
            }
        }
        Err(malformed("the list of the issues that the query finds moves while it is read"))
    }

    /// Whether a worker like this one made an issue. Data Center's search does not show the proof, so that what is of our
    /// hand and has lost its label is asked for it.
    async fn is_made(&self, issue: &wire::Issue) -> Result<bool, TrackerError> {
        let Some(labels) = issue.fields.labels.as_value() else {
            return Err(malformed(&format!("{} does not show its labels", issue.key)));
        };
        if marker_of(issue).is_some() || labels.iter().any(|label| label.starts_with(MARK)) {
            return Ok(true);
        }
        if self.is_cloud() || self.creation(issue, &self.me().await?) == Creation::Foreign {
            return Ok(false);
        }
        Ok(marker_of(&self.fetch(&issue.id).await?).is_some())
    }

    /// What people wrote in an issue.
    fn text_of(&self, issue: wire::Issue) -> Result<IssueText, TrackerError> {
        let wire::Issue { id, key, fields, .. } = issue;
        let unshown = || malformed(&format!("{key} is not shown completely"));
        let title = fields.summary.ok_or_else(unshown)?;
        let updated = fields.updated.ok_or_else(unshown)?;
        let (markup, body) = match fields.description {
            Shown::Absent => (Markup::Unshown, String::new()),
            Shown::Null => (Markup::Wiki, String::new()),
            Shown::Value(Value::String(text)) => (Markup::Wiki, text),
            Shown::Value(document) => (Markup::Adf, document.to_string()),
        };
        let level = fields.security.value().map(|level| {
            let name = level.get("name").and_then(Value::as_str).unwrap_or_default();
            name.trim().to_owned()
        });
        Ok(IssueText {
            url: self.browse(&key),
            lasting: Some(format!("issue-{id}")),
            key,
            title,
            body,
            labels: fields.labels.value().unwrap_or_default().into_iter().collect(),
            markup,
            revision: Some(updated),
            level,
        })
    }
}

/// Refuses what a site found although it could not make sense of a part of the query.
fn doubtless(warnings: &[String]) -> Result<(), TrackerError> {
    match warnings.first() {
        Some(first) => Err(TrackerError::Rejected { field: None, why: first.chars().take(400).collect() }),
        None => Ok(()),
    }
}

/// Length of a text, or of all texts of a document.
fn length(description: &Value) -> usize {
    description.as_str().map_or_else(|| description.to_string().len(), str::len)
}

/// A query with an order in which nothing moves while it is read; one of its own ends it.
fn ordered(query: &str) -> String {
    let mut quote = None;
    let mut is_escaped = false;
    let mut end = query.len();
    for (at, c) in query.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if c == '\\' => is_escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if begins_order(query, at) => end = at,
            None => {}
        }
    }
    format!("{} ORDER BY key ASC", query.get(..end).unwrap_or(query).trim())
}

/// Whether `ORDER BY` stands at a place of a query, as words.
fn begins_order(query: &str, at: usize) -> bool {
    let is_apart = query.get(..at).is_none_or(|before| !before.ends_with(|c: char| c.is_alphanumeric()));
    let mut words = query.get(at..).unwrap_or_default().split_whitespace();
    let mut is = |word: &str| words.next().is_some_and(|next| next.eq_ignore_ascii_case(word));
    is_apart && is("order") && is("by")
}
