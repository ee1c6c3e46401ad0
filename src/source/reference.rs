//! References to issues, as documents write them.
//!
//! Knows URLs and short forms of GitHub and Jira. Knows nothing of Markdown, and asks no tracker.

use std::ops::Range;

use crate::model::{conventions::Conventions, postmortem::TrackerRef};

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// An issue or a pull request.
    Issue(TrackerRef),
    /// A search, a list or a board: many issues, none of them meant by itself.
    Collection,
    /// Anything else.
    Elsewhere,
}

/// What a URL leads to. `jira:SEC-12` is what a page of Confluence says of an issue, of which it does not name the site; `jira:` before
/// anything else is a search.
pub(super) fn of_url(url: &str) -> Lead {
    if let Some(key) = url.strip_prefix("jira:") {
        let issue = || Lead::Issue(TrackerRef::Jira { host: None, key: key.to_owned() });
        return if is_key(key) { issue() } else { Lead::Collection };
    }
    let Some((host, path, query)) = split(url) else { return Lead::Elsewhere };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let repository = |owner: &str, name: &str| format!("{owner}/{name}");
    match parts.as_slice() {
        [owner, name, "issues", number] if positive(number).is_some() => {
            github(host, repository(owner, name), number)
        }
        [owner, name, "pull" | "pulls", number, ..] if positive(number).is_some() => {
            pull_request(host, repository(owner, name), number)
        }
        [.., "browse", key] if is_key(key) => jira(host, key),
        _ if searches(query) => Lead::Collection,
        [_, _, "issues" | "pulls"] | [_, _, "milestone" | "milestones" | "labels", ..] => Lead::Collection,
        [_, _, "issues", who] if *who != "new" => Lead::Collection,
        _ => selected(query).map_or(Lead::Elsewhere, |key| jira(host, key)),
    }
}

/// A reference of the strict format, whose schema has checked its shape.
pub(super) fn strict(text: &str) -> TrackerRef {
    let other = || TrackerRef::Other { url: text.to_owned() };
    if text.starts_with("http") {
        return match of_url(text) {
            Lead::Issue(reference) => reference,
            Lead::Collection | Lead::Elsewhere => other(),
        };
    }
    short(text).unwrap_or_else(|| TrackerRef::Jira { host: None, key: text.to_owned() })
}

/// References in plain text, in order, each with its bytes.
pub(super) fn in_text(text: &str, conventions: &Conventions) -> Vec<(Range<usize>, Lead)> {
    let read = |piece| match piece {
        Piece::Address(at) => {
            let lead = of_url(text.get(at.clone()).unwrap_or_default());
            vec![(at, lead)]
        }
        Piece::Word(at, word) => in_token(at, word, text.get(..at).unwrap_or_default(), conventions),
    };
    pieces(text).into_iter().flat_map(read).collect()
}

/// A part of a text that may be a reference.
pub(super) enum Piece<'t> {
    /// An address.
    Address(Range<usize>),
    /// A word, and where it begins.
    Word(usize, &'t str),
}

/// The parts of a text that may be references, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("http://") || rest.starts_with("https://") {
            let end = at + url_length(rest);
            found.push(Piece::Address(at..end));
            at = end;
            continue;
        }
        let length = rest.find(|c: char| !is_token(c)).unwrap_or(rest.len());
        let token = rest.get(..length).unwrap_or_default();
        // "see:https://…" must not swallow the scheme.
        if let Some(scheme) = token.find("http").filter(|scheme| *scheme > 0) {
            at += scheme;
        } else if token.is_empty() {
            at += rest.chars().next().map_or(1, char::len_utf8);
        } else {
            found.push(Piece::Word(at, token));
            at += length;
        }
    }
    found
}

/// How people write a reference.
pub(super) fn written(reference: &TrackerRef) -> String {
    match reference {
        TrackerRef::Github { host: Some(host), repository, number } => {
            format!("https://{host}/{repository}/issues/{number}")
        }
        TrackerRef::PullRequest { host: Some(host), repository, number } => {
            format!("https://{host}/{repository}/pull/{number}")
        }
        TrackerRef::Github { host: None, repository, number }
        | TrackerRef::PullRequest { host: None, repository, number } => format!("{repository}#{number}"),
        TrackerRef::Jira { host: Some(host), key } => format!("https://{host}/browse/{key}"),
        TrackerRef::Jira { host: None, key } => key.clone(),
        TrackerRef::Other { url } => url.clone(),
    }
}

/// A reference without its host, for want of a title.
pub(super) fn shortest(reference: &TrackerRef) -> String {
    match reference {
        TrackerRef::Github { repository, number, .. }
        | TrackerRef::PullRequest { repository, number, .. } => {
            format!("{repository}#{number}")
        }
        TrackerRef::Jira { key, .. } => key.clone(),
        TrackerRef::Other { url } => url.clone(),
    }
}

fn in_token(start: usize, token: &str, before: &str, conventions: &Conventions) -> Vec<(Range<usize>, Lead)> {
    let token = token.trim_end_matches(['.', '-', '/', '_']);
    if let Some(number) = token.strip_prefix('#').and_then(positive) {
        let reference = conventions.default_repository.clone().map(|repository| match names_a_pull(before) {
            true => TrackerRef::PullRequest { host: None, repository, number },
            false => TrackerRef::Github { host: None, repository, number },
        });
        return reference.map(|found| (start..start + token.len(), Lead::Issue(found))).into_iter().collect();
    }
    if let Some(reference) = short(token) {
        return vec![(start..start + token.len(), Lead::Issue(reference))];
    }
    let mut at = start;
    let mut found = Vec::new();
    for piece in token.split('/') {
        let project = piece.rsplit_once('-').map(|(project, _)| project);
        // GitHub's own other way to write `#12`.
        let number =
            piece.strip_prefix("GH-").and_then(positive).filter(|_| !conventions.knows_project("GH"));
        if let (Some(number), Some(repository)) = (number, conventions.default_repository.clone()) {
            let issue = TrackerRef::Github { host: None, repository, number };
            found.push((at..at + piece.len(), Lead::Issue(issue)));
        } else if is_key(piece) && project.is_some_and(|project| conventions.knows_project(project)) {
            let key = TrackerRef::Jira { host: None, key: piece.to_owned() };
            found.push((at..at + piece.len(), Lead::Issue(key)));
        }
        at += piece.len() + 1;
    }
    found
}

/// Whether the word before a number says that it is a pull request's.
fn names_a_pull(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    ["pr", "pull", "request"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// `owner/repo#n`.
fn short(text: &str) -> Option<TrackerRef> {
    let (repository, number) = text.split_once('#')?;
    let (owner, name) = repository.split_once('/')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let owned = !owner.is_empty() && owner.chars().all(plain);
    let named = !name.is_empty() && name.chars().all(|c| plain(c) || matches!(c, '.' | '_'));
    let number = positive(number).filter(|_| owned && named)?;
    Some(TrackerRef::Github { host: None, repository: repository.to_owned(), number })
}

fn github(host: &str, repository: String, number: &str) -> Lead {
    positive(number).map_or(Lead::Elsewhere, |number| {
        Lead::Issue(TrackerRef::Github { host: Some(host.to_owned()), repository, number })
    })
}

fn pull_request(host: &str, repository: String, number: &str) -> Lead {
    positive(number).map_or(Lead::Elsewhere, |number| {
        Lead::Issue(TrackerRef::PullRequest { host: Some(host.to_owned()), repository, number })
    })
}

fn jira(host: &str, key: &str) -> Lead {
    Lead::Issue(TrackerRef::Jira { host: Some(host.to_owned()), key: key.to_owned() })
}

/// Host, path and query of a web address.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let rest = rest.split('#').next()?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next()?;
    (!host.is_empty()).then_some((host, path, query))
}

fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('='))
}

fn searches(query: &str) -> bool {
    parameters(query).any(|(name, _)| matches!(name, "q" | "jql" | "filter"))
}

/// The issue that a Jira board shows beside itself.
fn selected(query: &str) -> Option<&str> {
    parameters(query).find(|(name, key)| *name == "selectedIssue" && is_key(key)).map(|(_, key)| key)
}

/// A Jira key such as `PLAT-12`.
pub(super) fn is_key(text: &str) -> bool {
    let Some((project, number)) = text.rsplit_once('-') else { return false };
    let upper = |c: char| c.is_ascii_uppercase();
    let shaped = project.len() > 1
        && project.starts_with(upper)
        && project.chars().all(|c| upper(c) || c.is_ascii_digit() || c == '_');
    shaped && positive(number).is_some()
}

/// A number from 1 without leading zeros.
pub(super) fn positive(text: &str) -> Option<u64> {
    let digits = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '#')
}

/// Length of the address that a text begins with: up to a blank or a bracket, without the punctuation of the sentence.
fn url_length(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|' | ']' | '[') || depth < 0 {
            end = at;
            break;
        }
    }
    let url = text.get(..end).unwrap_or_default();
    url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']).len()
}
