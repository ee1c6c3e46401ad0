//! Names of people whom pages mention by the number of an account.
//!
//! Who is in the people directory is not asked for. A name that cannot be asked for is not known, which whoever reads the page tells.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Wiki,
    list::{self, Budget, encoded},
    wire::{User, Users},
};
use crate::net::NetError;

/// How many accounts are asked for at once in the cloud, which gives no more than 200.
const BATCH: usize = 50;

/// How many are asked for one by one in one go.
const MOST: usize = 100;

/// What an account is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    Account,
    Key,
    Login,
}

const BYS: [(By, &str); 3] =
    [(By::Account, "ri:account-id"), (By::Key, "ri:userkey"), (By::Login, "ri:username")];

/// Names of everybody whom some texts mention.
pub(super) struct Names {
    /// By account, user key or login; who is not among them has no name that can be known.
    pub(super) known: BTreeMap<String, String>,
    /// Whether everybody could be asked for; else a later cycle may know more.
    pub(super) complete: bool,
}

/// Names of everybody whom some texts mention, as far as they can be known.
pub(super) async fn of(wiki: &Wiki, bodies: Vec<&str>, budget: &mut Budget<'_>) -> Names {
    let mentioned: BTreeSet<(By, String)> = bodies.into_iter().flat_map(mentioned).collect();
    let mut names = BTreeMap::new();
    let mut asked: BTreeMap<By, Vec<String>> = BTreeMap::new();
    for (by, account) in mentioned {
        let known = wiki.settings.accounts.get(&account).cloned();
        match known.or_else(|| wiki.state().names.get(&account).cloned()) {
            Some(name) => drop(names.insert(account, name)),
            None => asked.entry(by).or_default().push(account),
        }
    }
    let mut complete = true;
    for (by, accounts) in asked {
        let (found, all) = match by {
            By::Account => in_bulk(wiki, &accounts, budget).await,
            By::Key => one_by_one(wiki, "key", &accounts, budget).await,
            By::Login => one_by_one(wiki, "username", &accounts, budget).await,
        };
        complete &= all;
        wiki.state().names.extend(found.iter().cloned());
        names.extend(found);
    }
    Names { known: names, complete }
}

/// Names by account, and whether everybody could be asked for.
type Asked = (Vec<(String, String)>, bool);

async fn in_bulk(wiki: &Wiki, accounts: &[String], budget: &mut Budget<'_>) -> Asked {
    let (mut found, mut all) = (Vec::new(), true);
    for batch in accounts.chunks(BATCH) {
        let query: Vec<String> = batch.iter().map(|one| format!("accountId={}", encoded(one))).collect();
        let answer = list::ask(wiki, &format!("/rest/api/user/bulk?{}", query.join("&")), budget).await;
        let named = |user: User| Some((user.account_id.clone()?, name(wiki, &user)?));
        match answer.and_then(|answer| answer.parse::<Users>()) {
            Ok(users) => found.extend(users.results.into_iter().filter_map(named)),
            Err(error) => all &= is_settled(&error),
        }
    }
    (found, all)
}

async fn one_by_one(wiki: &Wiki, parameter: &str, accounts: &[String], budget: &mut Budget<'_>) -> Asked {
    let (mut found, mut all) = (Vec::new(), accounts.len() <= MOST);
    for account in accounts.iter().take(MOST) {
        let path = format!("/rest/api/user?{parameter}={}", encoded(account));
        let answer = list::ask(wiki, &path, budget).await;
        match answer.and_then(|answer| answer.parse::<User>()) {
            Ok(user) => found.extend(name(wiki, &user).map(|name| (account.clone(), name))),
            Err(error) => all &= is_settled(&error),
        }
    }
    (found, all)
}

/// Whether asking again is of no use: there is nobody of that account, or nobody may ask.
fn is_settled(error: &NetError) -> bool {
    matches!(error, NetError::NotFound { .. } | NetError::Gone { .. } | NetError::Forbidden { .. })
}

/// The name of somebody: as the people directory has it, or as they call themselves.
fn name(wiki: &Wiki, user: &User) -> Option<String> {
    let known = user.username.as_ref().and_then(|login| wiki.settings.accounts.get(login));
    let name = known.or(user.display_name.as_ref())?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Everybody whom a text mentions, by what names the account.
fn mentioned(body: &str) -> Vec<(By, String)> {
    let mut found = Vec::new();
    for (by, attribute) in BYS {
        for (at, _) in body.match_indices(attribute) {
            let rest = body.get(at + attribute.len()..).unwrap_or_default();
            let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
            let quote = value.and_then(|value| value.chars().next()).filter(|c| matches!(c, '"' | '\''));
            let account = value.zip(quote).and_then(|(value, quote)| value.get(1..)?.split(quote).next());
            let is_account = |account: &&str| (1..=128).contains(&account.len());
            found.extend(account.filter(is_account).map(|account| (by, account.to_owned())));
        }
    }
    found
}
