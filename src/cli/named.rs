//! Which finding somebody means who names one: by its key, by what it was called while it waited, by an issue, or by its write-up.
//!
//! Asks the register for what may be meant, and never for all that it holds. Asks no tracker and reads no document, and guesses nothing: what several findings answer to is told with
//! all of them.

use std::collections::BTreeSet;

use anyhow::anyhow;

use super::{
    Exit, Failed,
    finding::{EMPTY, store_error},
};
use crate::{
    model::{
        finding::{Finding, Stated},
        ids::{FindingKey, PostmortemId},
        issue::IssueRef,
        likeness::nearest,
        register::Register,
    },
    plan::intake::waiting::accepted,
    store::{Store, names::page},
};

/// Most findings that a message lists.
const MOST_LISTED: usize = 20;

/// The one finding that is meant.
///
/// # Errors
/// There is none, or there are several, which are listed.
pub(super) async fn meant(store: &dyn Store, name: &str) -> Result<FindingKey, Failed> {
    match found(store, name).await? {
        Some(key) => Ok(key),
        None => Err(unknown(store, name).await),
    }
}

/// The one finding that is meant; where the register knows none, the name is taken for a key.
///
/// # Errors
/// There are several, which are listed.
pub(super) async fn meant_or_written(store: &dyn Store, name: &str) -> Result<FindingKey, Failed> {
    Ok(found(store, name).await?.unwrap_or_else(|| FindingKey::new(name.trim())))
}

/// The one finding that is meant. One that is named by its key is asked for alone.
async fn found(store: &dyn Store, name: &str) -> Result<Option<FindingKey>, Failed> {
    let name = name.trim();
    let key = FindingKey::new(name);
    let register = store.rows(&[key.clone()].into()).await.map_err(store_error)?;
    if register.findings.contains_key(&key) || register.unfit(&key).is_some() {
        return Ok(Some(key));
    }
    one(&called(store, name).await?, name)
}

/// What the register holds of all findings that may be called so.
async fn called(store: &dyn Store, name: &str) -> Result<Register, Failed> {
    let keys = store.called(name).await.map_err(store_error)?;
    store.rows(&keys).await.map_err(store_error)
}

fn one(register: &Register, name: &str) -> Result<Option<FindingKey>, Failed> {
    if let Some(finding) = accepted(&register.findings, name) {
        return Ok(Some(finding.key.clone()));
    }
    let ways = [of_case, of_issue, of_citation, of_write_up];
    let found = ways.into_iter().map(|way| way(register, name)).find(|found| !found.is_empty());
    let found = found.unwrap_or_default();
    match found.len() {
        0 | 1 => Ok(found.into_iter().next()),
        _ => Err(several(register, name, &found)),
    }
}

/// Keys that differ in the case of their letters alone.
fn of_case(register: &Register, name: &str) -> BTreeSet<FindingKey> {
    register.findings.keys().filter(|key| key.as_str().eq_ignore_ascii_case(name)).cloned().collect()
}

/// Findings that follow an issue, or followed it.
fn of_issue(register: &Register, name: &str) -> BTreeSet<FindingKey> {
    let is = |issue: &IssueRef| issue.key.eq_ignore_ascii_case(name) || is_address(&issue.url, name);
    let links = register.links.iter().filter(|link| {
        let qualified = name.split_once(':').is_some_and(|(tracker, key)| {
            tracker.eq_ignore_ascii_case(link.tracker.as_str()) && link.issue.key.eq_ignore_ascii_case(key)
        });
        let former = link.former_keys.iter().any(|former| former.eq_ignore_ascii_case(name));
        is(&link.issue) || qualified || former
    });
    let followed: BTreeSet<FindingKey> = links.map(|link| link.finding.clone()).collect();
    if !followed.is_empty() {
        return followed;
    }
    let ended = register.tombstones.iter().filter(|ended| is(&ended.issue));
    ended.map(|ended| ended.finding.clone()).filter(|key| register.findings.contains_key(key)).collect()
}

/// Findings whose document cites an issue that is not linked yet.
fn of_citation(register: &Register, name: &str) -> BTreeSet<FindingKey> {
    let cites = |stated: &Stated| {
        let written = stated.trackers.iter().filter(|cited| cited.is_issue()).map(ToString::to_string);
        written.into_iter().any(|written| written.eq_ignore_ascii_case(name) || is_address(&written, name))
    };
    keys(register, |finding| cites(&finding.stated))
}

/// Findings of a write-up, by its id, its path, its file's name or its address.
fn of_write_up(register: &Register, name: &str) -> BTreeSet<FindingKey> {
    let found = keys(register, |finding| finding.stated.postmortem.as_str().eq_ignore_ascii_case(name));
    if !found.is_empty() {
        return found;
    }
    let at = |path: &str| name == path || name.strip_suffix(path).is_some_and(|before| before.ends_with('/'));
    keys(register, |Finding { stated, .. }| {
        let file = stated.path.rsplit('/').next().unwrap_or(&stated.path);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        at(&stated.path)
            || [file, stem].contains(&name)
            || stated.postmortem_url.as_deref().is_some_and(|url| is_address(url, name))
    })
}

fn keys(register: &Register, is: impl Fn(&Finding) -> bool) -> BTreeSet<FindingKey> {
    register.findings.values().filter(|finding| is(finding)).map(|finding| finding.key.clone()).collect()
}

/// Whether two texts are one address.
fn is_address(known: &str, name: &str) -> bool {
    page(known).is_some_and(|known| page(name) == Some(known))
}

fn several(register: &Register, name: &str, found: &BTreeSet<FindingKey>) -> Failed {
    let line = |finding: &Finding| {
        format!("\n  {}  {}  {}", finding.key, finding.state, finding.stated.words_inside().title)
    };
    let shown = found.iter().filter_map(|key| register.findings.get(key)).take(MOST_LISTED).map(line);
    let shown: String = shown.collect();
    let more = found.len().saturating_sub(MOST_LISTED);
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    let error = anyhow!("`{name}` has {} findings; name one of them:{shown}{more}", found.len());
    Failed::with(Exit::Configuration, error)
}

/// Nothing is called so; what is like it is named, and else nothing.
pub(super) async fn unknown(store: &dyn Store, name: &str) -> Failed {
    match suggested(store, name).await {
        Ok(None) => Failed::with(Exit::Configuration, anyhow!(EMPTY)),
        Ok(Some(help)) => {
            Failed::with(Exit::Configuration, anyhow!("the register has no finding {name}{help}"))
        }
        Err(failed) => failed,
    }
}

/// What may have been meant; none in a register that holds no finding.
async fn suggested(store: &dyn Store, name: &str) -> Result<Option<String>, Failed> {
    let Some(near) = near(store, name).await? else { return Ok(None) };
    let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    let others = match name.rsplit_once('/') {
        Some((write_up, _)) => of_write_up(&called(store, write_up).await?, write_up),
        None => BTreeSet::new(),
    };
    if others.is_empty() {
        return Ok(Some(near));
    }
    let shown: Vec<&str> = others.iter().map(FindingKey::as_str).take(MOST_LISTED).collect();
    let more = if others.len() > shown.len() { " and more" } else { "" };
    Ok(Some(format!("{near}; its write-up has {}{more}", shown.join(", "))))
}

/// Names that are read at once.
const PAGE: u32 = 1000;

/// The key or write-up that is a slip of the pen away, if any is; none in a register that holds no finding.
async fn near(store: &dyn Store, name: &str) -> Result<Option<Option<String>>, Failed> {
    let (mut last, mut best) = ((PostmortemId::default(), FindingKey::default()), None);
    let mut is_empty = true;
    loop {
        let page = store.names((&last.0, &last.1), PAGE).await.map_err(store_error)?;
        let Some(end) = page.last() else { return Ok(Some(best).filter(|_| !is_empty)) };
        is_empty = false;
        last = end.clone();
        let known = page.iter().flat_map(|(write_up, key)| [key.as_str(), write_up.as_str()]);
        best = nearest(name, known.chain(best.as_deref())).map(str::to_owned);
    }
}
