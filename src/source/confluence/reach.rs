//! Who may read a page: what restricts a page or a folder also restricts everything below it.
//!
//! A page shows its own restrictions only, so those of everything above are asked for. What is not shown counts as restricted.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Wiki,
    head::{Head, Reach},
    list::{self, Budget},
    wire::Restriction,
};
use crate::net::NetError;

/// What is asked of those above.
const EXPAND: &str = "restrictions.read.restrictions.user,restrictions.read.restrictions.group";

/// How many are asked for in one question.
const BATCH: usize = 50;

/// How many are asked for by themselves: what is no page, no search shows.
const MOST: usize = 50;

/// Makes every page as restricted as what it stands below.
pub(super) async fn inherit(wiki: &Wiki, heads: &mut BTreeMap<u64, Head>, budget: &mut Budget<'_>) {
    let mut known: BTreeMap<u64, Reach> = heads.values().map(|head| (head.id, head.reach.clone())).collect();
    let above = heads.values().flat_map(|head| head.above.iter().copied());
    let wanted: BTreeSet<u64> = above.filter(|id| !known.contains_key(id)).collect();
    let wanted: Vec<u64> = wanted.into_iter().collect();
    for batch in wanted.chunks(BATCH) {
        let found = list::by_numbers(wiki, batch, EXPAND, budget).await.unwrap_or_default();
        known.extend(found.into_iter().filter_map(|one| Some((one.id, reach(one.is_restricted()?)))));
    }
    for id in wanted.iter().filter(|id| !known.contains_key(id)).take(MOST).copied().collect::<Vec<_>>() {
        if let Ok(Some(is_set)) = alone(wiki, id, budget).await {
            known.insert(id, reach(is_set));
        }
    }
    for head in heads.values_mut().filter(|head| head.reach == Reach::Space) {
        let strictest = head.above.iter().find_map(|id| match known.get(id) {
            Some(Reach::Space) => None,
            Some(Reach::Some(_)) => Some(format!("page {id} above it is restricted")),
            None => Some(format!("it is not shown to whom {id}, which it stands below, is restricted")),
        });
        if let Some(why) = strictest {
            head.reach = Reach::Some(why);
        }
    }
}

fn reach(is_set: bool) -> Reach {
    if is_set { Reach::Some(String::new()) } else { Reach::Space }
}

/// Whether something above, which may be a folder, is restricted; none when that is not shown.
async fn alone(wiki: &Wiki, id: u64, budget: &mut Budget<'_>) -> Result<Option<bool>, NetError> {
    let path = format!(
        "/rest/api/content/{id}/restriction/byOperation/read?expand=restrictions.user,restrictions.group"
    );
    let restriction: Restriction = list::ask(wiki, &path, budget).await?.parse()?;
    Ok(restriction.is_set())
}
