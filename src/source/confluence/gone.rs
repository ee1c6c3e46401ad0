//! Pages that the register knows and a listing does not show: each is asked for by itself.
//!
//! A page is left out, as a file that was deleted is, where Confluence says that it was archived or thrown away, or where it shows
//! a page that is none of the source's any more. A page that is not found or not to be seen is unknown: the two cannot be told apart.

use std::collections::BTreeMap;

use super::{
    Wiki,
    head::Head,
    list::{self, Budget},
    wire::Fate,
};
use crate::net::NetError;

/// How many are asked for in one question.
const BATCH: usize = 50;

/// How many are asked for by themselves in one cycle; what is beyond is unknown until a later one.
const MOST: usize = 100;

/// States in which a page is not in use any more.
const OVER: [&str; 3] = ["trashed", "archived", "deleted"];

/// Asks for pages that were not listed. Those that are pages of the source all the same join the others; of those about which
/// nothing is known it is told why.
pub(super) async fn ask(
    wiki: &Wiki,
    unlisted: &[u64],
    heads: &mut BTreeMap<u64, Head>,
    budget: &mut Budget<'_>,
) -> BTreeMap<u64, String> {
    let mut unread = BTreeMap::new();
    let mut asked = 0;
    for batch in unlisted.chunks(BATCH) {
        let found = match list::heads_of(wiki, batch, budget).await {
            Ok(found) => found,
            Err(error) => {
                let why = format!("it is not listed any more, and cannot be asked for: {error}");
                unread.extend(batch.iter().map(|id| (*id, why.clone())));
                continue;
            }
        };
        for id in batch {
            match found.get(id) {
                // The search index lags behind: it is one of them by what it says itself.
                Some(head) if wiki.settings.pages.has(head) == Some(true) => {
                    heads.insert(*id, head.clone());
                }
                Some(_) => {}
                None if asked == MOST => {
                    unread.insert(*id, "it is not listed any more, and is asked for later".to_owned());
                }
                None => {
                    asked += 1;
                    unread.extend(fate(wiki, *id, budget).await.map(|why| (*id, why)));
                }
            }
        }
    }
    unread
}

/// Why nothing is known of a page that no search shows; none when it is certainly not in use any more.
async fn fate(wiki: &Wiki, id: u64, budget: &mut Budget<'_>) -> Option<String> {
    let path = if wiki.settings.is_cloud {
        format!("/api/v2/pages/{id}?status=current&status=archived&status=trashed&status=deleted")
    } else {
        format!("/rest/api/content/{id}?status=any")
    };
    match list::ask(wiki, &path, budget).await.and_then(|answer| answer.parse::<Fate>()) {
        Ok(fate) if OVER.contains(&fate.status.as_str()) => None,
        Ok(fate) => Some(format!("it is not listed any more, although it is {}", shown(&fate.status))),
        Err(NetError::NotFound { .. } | NetError::Forbidden { .. }) => Some(
            "it is not found or not visible to the account of this source, and Confluence does not tell the two apart"
                .to_owned(),
        ),
        Err(error) => Some(format!("it is not listed any more, and what became of it is not known: {error}")),
    }
}

/// A state as one short word.
fn shown(status: &str) -> String {
    status.chars().filter(char::is_ascii_alphanumeric).take(20).collect()
}
