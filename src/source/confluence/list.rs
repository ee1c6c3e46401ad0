//! Listing pages by a query, to the end or not at all.
//!
//! Knows how a listing goes on (developer.atlassian.com/cloud/confluence/rest, Search content by CQL). Of the link to its next part only the
//! query is used, at the path that was asked: nothing that an answer says leads to another host.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;

use super::{
    Wiki,
    call::Answer,
    head::{self, Head},
    wire::{Content, Found, Links, Numbered},
};
use crate::net::{NetError, bounds::Listing, pace::Pace};

/// Where contents are searched.
pub(super) const SEARCH: &str = "/rest/api/content/search";

/// What is asked of each page but its text. More than 200 come with none of it (support.atlassian.com, Searching for content with the
/// REST API and CQL always limits results to 50).
const EXPAND: &str = "version,space,ancestors,metadata.labels,restrictions.read.restrictions.user,restrictions.read.restrictions.group";

/// How many pages are asked for at once.
const PAGE: usize = 100;

/// Longest query of a link that is followed.
const LONGEST_QUERY: usize = 8_000;

/// What reading a source may come to; once it is spent, nothing more is asked.
pub(super) struct Budget<'a> {
    listing: Listing<'a>,
    /// Why nothing more is asked.
    pub(super) spent: Option<NetError>,
}

impl<'a> Budget<'a> {
    pub(super) fn of(pace: &'a Pace) -> Self {
        Self { listing: pace.listing(), spent: None }
    }

    /// Counts an answer.
    ///
    /// # Errors
    /// When it is more than may be read.
    pub(super) fn count(&mut self, answer: &Answer) -> Result<(), NetError> {
        if let Err(error) = self.listing.page(answer.bytes()) {
            self.spent = Some(error);
        }
        self.spent.clone().map_or(Ok(()), Err)
    }
}

/// Asks at a path, within what may be read.
pub(super) async fn ask(wiki: &Wiki, path: &str, budget: &mut Budget<'_>) -> Result<Answer, NetError> {
    if let Some(error) = &budget.spent {
        return Err(error.clone());
    }
    let answer = wiki.channel.get(path).await?;
    budget.count(&answer)?;
    Ok(answer)
}

/// Every page that a query finds and that is in use, by its number.
///
/// # Errors
/// The end of the listing was not reached, or a page in it cannot be understood.
pub(super) async fn heads(
    wiki: &Wiki,
    cql: &str,
    budget: &mut Budget<'_>,
) -> Result<BTreeMap<u64, Head>, NetError> {
    let mut heads = BTreeMap::new();
    for (value, site) in contents(wiki, cql, EXPAND, budget).await? {
        let head = understood(&value, &site)?;
        heads.extend(head.map(|head| (head.id, head)));
    }
    Ok(heads)
}

/// Everything that a query finds, each with where people read pages.
///
/// # Errors
/// The end of the listing was not reached.
async fn contents(
    wiki: &Wiki,
    cql: &str,
    expand: &str,
    budget: &mut Budget<'_>,
) -> Result<Vec<(Value, Arc<str>)>, NetError> {
    let mut contents = Vec::new();
    let mut query = format!("cql={}&limit={PAGE}&expand={}", encoded(cql), encoded(expand));
    let mut seen = BTreeSet::from([query.clone()]);
    loop {
        let found: Found = ask(wiki, &format!("{SEARCH}?{query}"), budget).await?.parse()?;
        let site: Arc<str> = site(&wiki.settings.url, &found.links).into();
        contents.extend(found.results.into_iter().map(|value| (value, Arc::clone(&site))));
        let Some(next) = &found.links.next else { return Ok(contents) };
        query = next_query(next, &wiki.settings.url)?;
        if !seen.insert(query.clone()) {
            return Err(senseless("the listing leads back to where it was".to_owned()));
        }
    }
}

/// A page of a listing; none when it is not in use.
fn understood(value: &Value, site: &str) -> Result<Option<Head>, NetError> {
    let odd = |why: &str| {
        let id = Numbered::deserialised(value);
        let which = id.map_or_else(|| "a page".to_owned(), |id| format!("page {id}"));
        senseless(format!("{which} cannot be understood: {why}"))
    };
    let content: Content = serde::Deserialize::deserialize(value)
        .map_err(|error: serde_json::Error| odd(&format!("{:?} error", error.classify())))?;
    if !head::is_current(&content) {
        return Ok(None);
    }
    head::of(&content, site).map(Some).map_err(|why| odd(&why))
}

impl Numbered {
    fn deserialised(value: &Value) -> Option<u64> {
        <Self as serde::Deserialize>::deserialize(value).ok().map(|numbered| numbered.id)
    }
}

/// Where people read pages: the address that is configured, unless that is the one of the interface alone.
fn site(url: &str, links: &Links) -> String {
    let is_shared = url.starts_with("https://api.atlassian.com/");
    let base = links.base.as_ref().filter(|base| is_shared && base.starts_with("https://"));
    base.map_or(url, String::as_str).trim_end_matches('/').to_owned()
}

/// The query of the link to the rest of a listing.
///
/// # Errors
/// It does not lead to the search of this very site.
fn next_query(link: &str, url: &str) -> Result<String, NetError> {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let context = url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
    let own = path.strip_prefix(url).or_else(|| path.strip_prefix(&context).filter(|_| !context.is_empty()));
    if own.unwrap_or(path) != SEARCH {
        let shown: String = path.chars().take(100).collect();
        return Err(senseless(format!("the listing goes on at `{shown}`, which is not followed")));
    }
    let is_plain = |c: char| c.is_ascii_graphic() && c != '#';
    let goes_on = ["cursor=", "start="].iter().any(|part| query.contains(part));
    if !goes_on || query.len() > LONGEST_QUERY || !query.chars().all(is_plain) {
        return Err(senseless("the listing does not say how it goes on".to_owned()));
    }
    Ok(query.to_owned())
}

fn senseless(why: String) -> NetError {
    NetError::Malformed { why }
}

/// Pages by their numbers, as a question.
fn of_numbers(ids: &[u64]) -> String {
    let list = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    format!("id in ({list})")
}

/// Some contents by their numbers, as far as they are found.
///
/// # Errors
/// The end of the listing was not reached.
pub(super) async fn by_numbers(
    wiki: &Wiki,
    ids: &[u64],
    expand: &str,
    budget: &mut Budget<'_>,
) -> Result<Vec<Content>, NetError> {
    let found = contents(wiki, &of_numbers(ids), expand, budget).await?;
    Ok(found.into_iter().filter_map(|(value, _)| serde_json::from_value(value).ok()).collect())
}

/// The heads of some pages by their numbers, as far as they are found and in use.
///
/// # Errors
/// The end of the listing was not reached, or a page in it cannot be understood.
pub(super) async fn heads_of(
    wiki: &Wiki,
    ids: &[u64],
    budget: &mut Budget<'_>,
) -> Result<BTreeMap<u64, Head>, NetError> {
    heads(wiki, &of_numbers(ids), budget).await
}

/// A text as a value in a query.
pub(super) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
