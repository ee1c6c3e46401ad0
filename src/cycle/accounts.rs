//! Accounts that we act as: a bot is replaced now and then, and what the one before wrote stays ours.

use chrono::{DateTime, Utc};

use super::gather::Gathered;
use crate::model::{
    history::Entry,
    ids::{AccountId, TrackerName},
    misfit::RowName,
    register::{OwnAccount, Register, Write},
};

/// What remembers the accounts that this cycle acts as for the first time.
pub fn met(gathered: &Gathered, now: DateTime<Utc>) -> Vec<Write> {
    let trackers = gathered.context.trackers.iter();
    let accounts = trackers.filter_map(|(name, facts)| Some((name, facts.account.known()?)));
    accounts.flat_map(|(name, account)| meet(&gathered.register, name, account, now)).collect()
}

fn meet(register: &Register, tracker: &TrackerName, account: &AccountId, now: DateTime<Utc>) -> Vec<Write> {
    let before: Vec<&OwnAccount> =
        register.accounts.iter().filter(|known| known.tracker == *tracker).collect();
    let row = RowName::of("account", [tracker.as_str(), account.as_str()]);
    // A row that does not fit its history is a person's matter.
    let is_unfit = || register.misfits.iter().any(|misfit| misfit.is_of_register() || misfit.row == row);
    if before.iter().any(|known| known.account.is(account)) || is_unfit() {
        return Vec::new();
    }
    let own = OwnAccount { tracker: tracker.clone(), account: account.clone(), since: now };
    let changed = before.iter().max_by_key(|known| known.since).map(|last| {
        Write::History(Entry {
            at: now,
            cycle: String::new(),
            event: "account_changed".to_owned(),
            finding: None,
            issue: None,
            actor: "worker".to_owned(),
            known_by: None,
            field: None,
            before: Some(format!("{tracker} {}", last.account)),
            after: Some(format!("{tracker} {account}")),
            why: "the credential is another account's; what the accounts of before wrote stays ours"
                .to_owned(),
        })
    });
    std::iter::once(Write::Account(own)).chain(changed).collect()
}
