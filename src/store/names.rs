//! By what findings are found beside their keys: what they are called, and what they ask for. Knows no database.
//!
//! A name leads to whatever may be meant by it, and to more than that at times: who asks holds it against the rows.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::{
    model::{finding::Finding, ids::FindingKey, issue::IssueRef, register::Write},
    plan::identity::asks_for,
};

/// The digest of what a finding asks for, by its title, as texts are compared; empty where that is too short to tell.
pub(super) fn alike(title: &str) -> String {
    let digest = |text: String| HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
    let mut digest = asks_for(title).map(digest).unwrap_or_default();
    digest.truncate(32);
    digest
}

/// An address without its scheme, and without what leads to a place within the page; none for what is no address.
pub fn page(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let page = rest.split(['?', '#']).next()?;
    Some(page.trim_end_matches('/').to_ascii_lowercase())
}

/// A name, and what answers to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Called {
    /// The name, as names are compared.
    pub(super) name: String,
    /// The finding; empty where it is the name of a write-up.
    pub(super) finding: String,
    /// The write-up; empty where it is the name of one finding.
    pub(super) write_up: String,
}

/// The names that a write tells.
pub(super) fn of_write(write: &Write, called: &mut BTreeSet<Called>) {
    if let Write::Finding(finding) = write {
        of_finding(finding, called);
    } else if let Write::Link(link) = write {
        of_issue(&link.finding, &link.issue, &link.former_keys, called);
    } else if let Write::Tombstone(stone) = write {
        of_issue(&stone.finding, &stone.issue, &[], called);
    }
}

/// What a finding and its write-up are called.
pub(super) fn of_finding(finding: &Finding, called: &mut BTreeSet<Called>) {
    let stated = &finding.stated;
    let cited = stated.trackers.iter().filter(|cited| cited.is_issue()).map(ToString::to_string);
    let waited = finding.told.candidate.iter().map(ToString::to_string);
    for name in cited.chain(waited) {
        called.extend(page(&name).map(|page| one(&page, &finding.key)));
        called.insert(one(&name, &finding.key));
    }
    let file = stated.path.rsplit('/').next().unwrap_or(&stated.path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let page = stated.postmortem_url.as_deref().and_then(page);
    let names = [stated.postmortem.as_str(), file, stem].map(str::to_owned);
    let names = names.into_iter().chain([at_path(&stated.path)]).chain(page);
    called.extend(names.map(|name| Called {
        name: name.to_ascii_lowercase(),
        finding: String::new(),
        write_up: stated.postmortem.to_string(),
    }));
}

/// What a finding is called by an issue that follows it, or followed it.
pub(super) fn of_issue(
    finding: &FindingKey,
    issue: &IssueRef,
    former: &[String],
    called: &mut BTreeSet<Called>,
) {
    let names = former.iter().cloned().chain([issue.key.clone()]).chain(page(&issue.url));
    called.extend(names.map(|name| one(&name, finding)));
}

fn one(name: &str, finding: &FindingKey) -> Called {
    let (name, finding) = (name.to_ascii_lowercase(), finding.to_string());
    Called { name, finding, write_up: String::new() }
}

/// A path is told from the file's name alone.
fn at_path(path: &str) -> String {
    format!("/{path}")
}

/// The names under which somebody may find what they mean who write this: as it is, as an address, as an issue of a tracker, as a
/// path that ends so, and as something that waited in a write-up.
pub(super) fn asked(name: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::from([name.to_owned()]);
    names.extend(page(name));
    names.extend(name.split_once(':').map(|(_, key)| key.to_owned()));
    names.extend(name.rsplit_once("/c-").map(|(write_up, _)| write_up.to_owned()));
    names.insert(at_path(name));
    names.extend(name.match_indices('/').filter_map(|(at, _)| name.get(at..)).map(str::to_owned));
    names.into_iter().map(|name| name.to_ascii_lowercase()).collect()
}
