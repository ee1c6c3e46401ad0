//! The words of one request, and how they are taken out of what comes back.
//!
//! Knows which members of a request are prose, and which words are the trackers' own.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{plan::secrets::REMOVED, review::inert::without_harm};

/// How much of a word gives it away where it was cut.
const STEM: usize = 4;

/// The same among the words of all findings, of which one begins as almost any word does.
const KNOWN_STEM: usize = 6;

/// The words of a request, in small letters.
#[derive(Debug, Default)]
pub(super) struct Sent {
    words: BTreeSet<String>,
    /// Neighbours, of which none has to tell anything by itself.
    pairs: BTreeSet<(String, String)>,
    /// How much of a word gives it away, where that is more than usual.
    stem: usize,
}

impl Sent {
    /// The words of a body: of members that are prose by their name, and of every text with more than one word.
    pub(super) fn of(body: &[u8]) -> Self {
        let mut sent = Self::default();
        sent.collect("", &serde_json::from_slice(body).unwrap_or_default());
        sent
    }

    fn collect(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) if name == "query" || name == "mutation" || text.is_empty() => {}
            Value::String(text) => {
                if PROSE.contains(&name) || text.trim().contains(char::is_whitespace) {
                    self.words.extend(small_words(text));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(name, item)),
            Value::Object(members) => members.iter().for_each(|(name, value)| self.collect(name, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Words that were sent some time before, and neighbours that tell something together.
    pub(super) fn known(words: BTreeSet<String>, pairs: BTreeSet<(String, String)>) -> Self {
        Self { words, pairs, stem: KNOWN_STEM }
    }

    /// A text without our words: each one that is not the trackers' own, and all between two such.
    pub(super) fn taken_out(&self, text: &str) -> String {
        if self.words.is_empty() && self.pairs.is_empty() {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut kept = 0;
        // From the first word that tells something to the last one before a word that is not ours.
        let mut run: Option<(usize, usize)> = None;
        for (at, word, standing) in self.standings(text) {
            let word_end = at + word.len();
            match standing {
                Standing::Tells => run = Some(run.map_or((at, word_end), |(start, _)| (start, word_end))),
                Standing::Common => {}
                Standing::Foreign => self.close(&mut run, text, &mut kept, &mut out),
            }
        }
        self.close(&mut run, text, &mut kept, &mut out);
        out.push_str(text.get(kept..).unwrap_or_default());
        out
    }

    /// The words of a text, each with how it stands to ours. Neighbours count across words that everybody uses.
    fn standings<'a>(&self, text: &'a str) -> Vec<(usize, &'a str, Standing)> {
        let mut all: Vec<_> = words(text).map(|(at, word)| (at, word, self.standing(word))).collect();
        if self.pairs.is_empty() {
            return all;
        }
        let mut before: Option<(usize, String)> = None;
        for n in 0..all.len() {
            let Some(word) = all.get(n).map(|(_, word, _)| word.to_lowercase()) else { break };
            if is_common(&word) {
                continue;
            }
            let pair = before.replace((n, word.clone())).map(|(m, last)| (m, (last, word)));
            let Some((m, _)) = pair.filter(|(_, pair)| self.pairs.contains(pair)) else { continue };
            for told in [m, n] {
                if let Some((_, _, standing)) = all.get_mut(told) {
                    *standing = Standing::Tells;
                }
            }
        }
        all
    }

    fn close(&self, run: &mut Option<(usize, usize)>, text: &str, kept: &mut usize, out: &mut String) {
        if let Some((start, end)) = run.take() {
            out.push_str(text.get(*kept..start).unwrap_or_default());
            out.push_str(REMOVED);
            *kept = end;
        }
    }

    fn standing(&self, word: &str) -> Standing {
        let word = word.to_lowercase();
        let is_ours = self.words.contains(&word) || self.is_part(&word);
        match (is_ours, is_common(&word)) {
            (false, _) => Standing::Foreign,
            (true, true) => Standing::Common,
            (true, false) => Standing::Tells,
        }
    }

    /// Whether a word is the beginning of one of ours. Scripts that put no blanks between words are cut anywhere.
    fn is_part(&self, word: &str) -> bool {
        if !word.is_ascii() {
            return word.chars().count() >= 2
                && self
                    .words
                    .iter()
                    .any(|ours| ours.contains(word) || word.contains(ours.as_str()) && !ours.is_ascii());
        }
        let next = self.words.range(word.to_owned()..).next();
        word.len() >= self.stem.max(STEM) && next.is_some_and(|ours| ours.starts_with(word))
    }
}

/// Whether everybody uses a word, in small letters.
pub(super) fn is_common(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit()) || word.len() < 3 && word.is_ascii() || COMMON.contains(&word)
}

/// The words of a text, in small letters and without what nobody sees.
pub(super) fn small_words(text: &str) -> Vec<String> {
    words(&without_harm(text)).map(|(_, word)| word.to_lowercase()).collect()
}

#[derive(Clone, Copy)]
enum Standing {
    /// Ours, and says something.
    Tells,
    /// Ours, and everybody's.
    Common,
    /// Not ours.
    Foreign,
}

/// The words of a text, with where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(|c: char| !c.is_alphanumeric()).filter_map(move |word| {
        let start = at;
        let separator = text.get(start + word.len()..).and_then(|rest| rest.chars().next());
        at = start + word.len() + separator.map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((start, word))
    })
}

/// Members that are prose, be it a single word.
const PROSE: &[&str] = &["title", "body", "summary", "description", "comment", "text", "environment", "name"];

/// Words of trackers' refusals, which say nothing of a finding.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "abuse", "access", "account", "already", "action", "administrator", "again", "all", "allowed", "and", "any", "api", "app",
    "applied", "archived", "are", "assign", "assigned", "assignee", "assignees", "attempt", "bad", "been", "because",
    "before", "being", "but", "can", "cannot", "change", "changed", "characters", "check", "close", "closed", "code",
    "comment", "comments", "component", "components", "content", "could", "create", "created", "credential",
    "credentials", "custom", "com", "docs", "https", "metadata", "administration", "pull", "rest", "date", "denied", "description", "detection", "disabled", "does", "due", "duedate",
    "edit", "empty", "enabled", "error", "errors", "exceeded", "exist", "exists", "expected", "failed", "failure",
    "field", "fields", "following", "for", "forbidden", "format", "found", "from", "gateway", "has", "have", "http",
    "internal", "into", "invalid", "issue", "issues", "issuetype", "its", "jira", "github", "json", "key", "label",
    "labels", "limit", "limits", "locked", "long", "longer", "many", "maximum", "message", "method", "milestone",
    "missing", "more", "must", "name", "needs", "not", "number", "occurred", "only", "open", "operation", "option",
    "options", "parse", "parsing", "password", "permission", "permissions", "please", "priority", "problems", "project", "quickly",
    "quota", "rate", "read", "rejected", "reporter", "repository", "request", "requests", "required", "requires",
    "resolution", "resource", "retry", "screen", "secondary", "server", "service", "set", "short", "should", "specified",
    "state", "status", "submitted", "summary", "temporarily", "text", "than", "that", "the", "there", "this", "time",
    "timeout", "title", "token", "too", "transition", "try", "type", "unable", "unauthorized", "unavailable", "unknown",
    "unprocessable", "update", "updated", "url", "user", "users", "valid", "validation", "value", "values", "was",
    "absent", "accessible", "anonymous", "argument", "authenticated", "authentication", "based", "burst", "captcha", "challenge",
    "contents", "deleted", "directive", "event", "existed", "fragment", "global", "limited", "login", "node", "nodes", "per",
    "resolve", "schema", "syntax", "tenant", "variable", "version", "visible",
    "were", "when", "while", "with", "workflow", "write", "wrong", "you", "your",
];
